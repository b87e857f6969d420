"""Names of images and what mirrors make of them."""


def full_name(image: str) -> str:
    """The image with its registry, which is Docker Hub where it names none: `nginx:1` is
    `docker.io/library/nginx:1`."""
    first, slash, rest = image.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        first, rest = "docker.io", image
    folder = "library/" if first == "docker.io" and "/" not in rest else ""
    return f"{first}/{folder}{rest}"


def mirrored(image: str, mirrors: dict[str, str]) -> tuple[str, str] | None:
    """The prefix that covers an image, and the image at the mirror."""
    full = full_name(image)
    covering = [prefix for prefix in mirrors if full.startswith(f"{prefix}/")]
    if not covering:
        return None
    prefix = max(covering, key=len)
    return prefix, mirrors[prefix] + full[len(prefix) :]

"""The parts that the shared vectors reach only together: `python -m unittest`."""

import unittest

from image import full_name, mirrored


class Image(unittest.TestCase):
    def test_an_image_without_a_registry_is_one_of_docker_hub(self) -> None:
        for image, full in (
            ("nginx:1", "docker.io/library/nginx:1"),
            ("team/nginx:1", "docker.io/team/nginx:1"),
            ("docker.io/nginx", "docker.io/library/nginx"),
            ("localhost/nginx", "localhost/nginx"),
            ("registry:5000/nginx", "registry:5000/nginx"),
            ("ghcr.io/a/b@sha256:0", "ghcr.io/a/b@sha256:0"),
        ):
            self.assertEqual(full_name(image), full)

    def test_the_longest_prefix_wins_and_a_part_of_a_name_is_none(self) -> None:
        mirrors = {"docker.io": "a", "docker.io/library": "b", "docker.io/libr": "c"}
        self.assertEqual(mirrored("nginx:1", mirrors), ("docker.io/library", "b/nginx:1"))
        self.assertIsNone(mirrored("ghcr.io/a/b", mirrors))


if __name__ == "__main__":
    unittest.main()

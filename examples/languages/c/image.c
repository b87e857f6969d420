#include "image.h"

// Where a character stands first in a text; the text's length when it is not there.
static size_t find(wh_str text, char wanted) {
  size_t i = 0;
  while (i < text.len && text.data[i] != wanted) {
    i++;
  }
  return i;
}

static bool contains(wh_str text, char wanted) {
  return find(text, wanted) < text.len;
}

// An image with its registry, which is Docker Hub where it names none.
// https://github.com/distribution/reference/blob/v0.6.0/normalize.go
static wh_str full_name(wh_str image) {
  size_t slash = find(image, '/');
  wh_str registry = {image.data, slash};
  wh_str rest = wh_after(image, slash + 1);
  bool is_registry = contains(registry, '.') || contains(registry, ':') || wh_eq(registry, "localhost");
  if (slash == image.len || !is_registry) {
    registry = WH("docker.io");
    rest = image;
  }
  bool official = wh_eq(registry, "docker.io") && !contains(rest, '/');
  return wh_cat(registry, official ? "/library/" : "/", rest);
}

bool mirrored(wh_str image, wh_json mirrors, wh_str *prefix, wh_str *at) {
  wh_str full = full_name(image);
  wh_strs keys = wh_json_keys(mirrors);
  bool covered = false;
  for (size_t i = 0; i < keys.len; i++) {
    wh_str key = keys.items[i], mirror;
    bool covers = wh_starts_with(full, key) && wh_starts_with(wh_after(full, key.len), "/");
    if (!covers || (covered && key.len <= prefix->len)) {
      continue;
    }
    if (wh_read_str(wh_get(mirrors, key), &mirror) == NULL) {
      *prefix = key;
      *at = wh_cat(mirror, wh_after(full, key.len));
      covered = true;
    }
  }
  return covered;
}

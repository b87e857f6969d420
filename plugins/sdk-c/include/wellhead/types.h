// Values that cross between a plugin and its host.

#ifndef WELLHEAD_TYPES_H
#define WELLHEAD_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A text in UTF-8. It may hold any character, U+0000 too, so it has a length and no end mark.
typedef struct wh_str {
  const char *data;
  size_t len;
} wh_str;

/// A text that may be missing.
typedef struct wh_optional_str {
  bool is_some;
  wh_str value;
} wh_optional_str;

/// A list of texts.
typedef struct wh_strs {
  wh_str *items;
  size_t len;
} wh_strs;

/// One key and its value: a label, an annotation, a resource quantity.
typedef struct wh_entry {
  wh_str key;
  wh_str value;
} wh_entry;

/// A list of them. Keys are unique.
typedef struct wh_entries {
  wh_entry *items;
  size_t len;
} wh_entries;

/// Why something did not happen.
typedef enum wh_error_kind {
  /// The chain entry grants no write to this field, or it does not open a protected one. It ends the
  /// run even when the plugin ignores it.
  WH_DENIED,
  /// An earlier plugin set this field to another value, and the chain entry may not override it. It
  /// ends the run even when the plugin ignores it.
  WH_CONFLICT,
  /// The value is not valid for this field.
  WH_INVALID,
  /// The field, or the list item that it belongs to, does not exist.
  WH_NOT_FOUND,
  /// A validator tried to write.
  WH_READ_ONLY,
  /// The plugin used up a budget, e.g. its number of edits. It ends the run even when the plugin
  /// ignores it.
  WH_OVER_LIMIT,
  /// The plugin itself refuses.
  WH_REJECTED,
} wh_error_kind;

/// An edit that did not happen, or why the plugin refuses. A plugin that returns it rejects the
/// pipeline with its message, path and hint.
typedef struct wh_error {
  /// Why.
  wh_error_kind kind;
  /// What is wrong, in one sentence.
  wh_str message;
  /// Path of the field, e.g. `containers.nginx.image` or `config.rules[0]`.
  wh_optional_str path;
  /// What to change.
  wh_optional_str hint;
  /// The plugin's own name for the reason, e.g. `unknown-tier`.
  wh_optional_str code;
  /// What the message was filled with.
  wh_entries arguments;
  /// A page that tells more, an `https` URL.
  wh_optional_str link;
} wh_error;

/// Where an item is put in a list: wh_at_first, wh_at_last, wh_at_before("tolerations[0]"),
/// wh_at_after(path).
typedef struct wh_place {
  uint8_t kind;
  wh_str path;
} wh_place;

#endif

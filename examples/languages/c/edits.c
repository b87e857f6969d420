#include "edits.h"

static wh_place place(wh_str at) {
  if (wh_starts_with(at, "before ")) {
    return wh_at_before(wh_after(at, sizeof("before ") - 1));
  }
  if (wh_starts_with(at, "after ")) {
    return wh_at_after(wh_after(at, sizeof("after ") - 1));
  }
  return wh_eq(at, "first") ? wh_at_first : wh_at_last;
}

static void show(wh_str path, wh_optional_str value) {
  wh_log_info(wh_cat("`", path, "` is ", value.is_some ? "set" : "not set"));
}

static wh_error *make_edit(wh_pipeline pipeline, wh_json edit) {
  wh_str what, path, added, at = WH("last");
  WH_TRY(wh_read_str(wh_get(edit, "edit"), &what));
  WH_TRY(wh_read_str(wh_get(edit, "path"), &path));
  if (wh_json_is_there(wh_get(edit, "at"))) {
    WH_TRY(wh_read_str(wh_get(edit, "at"), &at));
  }
  wh_str value = wh_json_text(wh_get(edit, "value"));
  value = value.len == 0 ? WH("null") : value;
  wh_because(pipeline, wh_cat("the platform edits `", path, "`"));
  if (wh_eq(what, "set")) {
    return wh_pipeline_set(pipeline, path, value);
  }
  if (wh_eq(what, "remove")) {
    return wh_pipeline_remove(pipeline, path);
  }
  if (wh_eq(what, "append") || wh_eq(what, "insert")) {
    WH_TRY(wh_pipeline_insert(pipeline, path, value, wh_eq(what, "insert") ? place(at) : wh_at_last, &added));
    wh_log_info(wh_cat("added `", added, "`"));
    return NULL;
  }
  wh_optional_str found;
  WH_TRY(wh_eq(what, "show") ? wh_pipeline_get(pipeline, path, &found) : wh_fact(path, &found));
  show(path, found);
  return NULL;
}

wh_error *make_edits(wh_pipeline pipeline, wh_json edits) {
  for (size_t i = 0; i < wh_json_len(edits); i++) {
    WH_TRY(make_edit(pipeline, wh_json_at(edits, i)));
  }
  return NULL;
}

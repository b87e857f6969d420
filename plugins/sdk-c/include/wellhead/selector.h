// Which objects and which pipelines a selector selects.

#ifndef WELLHEAD_SELECTOR_H
#define WELLHEAD_SELECTOR_H

#include <wellhead/contract.h>
#include <wellhead/json.h>

/// Whether Kubernetes' LabelSelector, e.g. a part of the config, matches labels: they must fit all that
/// its `matchLabels` and `matchExpressions` say. What is no selector matches nothing.
bool wh_selects_labels(wh_json selector, wh_entries labels);

/// Whether a selector selects the pipeline: it matches every list that is given. `names` and
/// `namespaces` are patterns, in which `*` stands for any number of characters, of which one must match;
/// `labels` must all be there. That is the form of the `select` of a Customization, so that people write
/// the same thing in both places.
bool wh_selects_pipeline(wh_json selector, wh_pipeline pipeline);

/// Whether a text matches a pattern in which `*` stands for any number of characters.
bool wh_glob(wh_str pattern, wh_str text);

#endif

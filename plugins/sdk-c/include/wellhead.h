// Write Wellhead plugins in C.
//
// A plugin is a WebAssembly component that edits a pipeline, the spec of a stateful workload, before
// the host turns it into Kubernetes objects. One file of it includes <wellhead/transformer.h>,
// <wellhead/validator.h> or both, which say what to define there; others include this header.
//
// Names of pipelines' functions are those of the contract (<wellhead/contract.h>):
// `wh_pipeline_...`, `wh_container_...`, `wh_claim_...`, `wh_service_...`. A getter reads the pipeline
// as the plugins before this one left it. A setter is one edit, which the host checks and records;
// it returns NULL, or why the edit did not happen.
//
// Nothing is freed or dropped: each call starts with fresh memory and fresh handles, and the host
// takes all of them back when it ends. The limits of a call are far above what plugins need.
//
// There is no clock, no file, no network and no randomness. What needs them (printf, time, rand
// from the time, fopen, ...) does not link: the build says which function it was.

#ifndef WELLHEAD_H
#define WELLHEAD_H

#include <wellhead/contract.h>
#include <wellhead/json.h>
#include <wellhead/json_write.h>
#include <wellhead/kubernetes.h>
#include <wellhead/quantity.h>
#include <wellhead/selector.h>
#include <wellhead/text.h>

/// What a plugin says about itself to the person who is about to use it. Each plugin defines one:
/// `const wh_info wh_plugin = {...};`.
typedef struct wh_info {
  /// The plugin's name, e.g. "storage-class".
  const char *name;
  /// The plugin's version, as semantic versioning has it.
  const char *version;
  /// What the plugin does, in one sentence.
  const char *description;
  /// JSON Schema (draft 2020-12) of the config. The host checks the config against it before the
  /// plugin runs.
  const char *config_schema;
  /// Patterns of the fields that the plugin writes, e.g. "containers.*.image", or "tolerations[+]" for
  /// items that it adds, and NULL at the end. The plugin asks; the operator grants.
  const char *const *writes;
  /// Patterns of the protected fields that it writes, e.g. "serviceAccountName", and NULL at the end. The
  /// plugin asks; the operator opens. This and what follows may be left out.
  const char *const *opens;
  /// Names of the facts that it reads, e.g. "storageClasses", and NULL at the end. The plugin asks; the
  /// operator grants.
  const char *const *facts;
  /// Licence, as an SPDX expression, e.g. "Apache-2.0".
  const char *license;
  /// Page of the plugin, an https URL.
  const char *homepage;
  /// The oldest version of Wellhead that it works with, e.g. "0.2.0".
  const char *min_host;
} wh_info;

extern const wh_info wh_plugin;

/// A file of the project as a C string: WH_FILE(schema, "config.schema.json"). The path is relative
/// to the folder in which clang runs, the project's.
#define WH_FILE(name, file)                             \
  extern const char name[];                             \
  __asm__(".section .rodata." #name ",\"\",@\n"         \
          ".globl " #name "\n"                          \
          ".type " #name ",@object\n" #name ":\n"       \
          ".incbin \"" file "\"\n"                      \
          ".int8 0\n"                                   \
          ".size " #name ", . - " #name "\n")

/// Returns from the function when an edit or a read failed, with its error.
#define WH_TRY(call)                    \
  do {                                  \
    wh_error *wh_failed = (call);       \
    if (wh_failed != NULL) {            \
      return wh_failed;                 \
    }                                   \
  } while (0)

/// Refuses the pipeline: says what is wrong, in one sentence, to the person who wrote the pipeline or
/// the config.
#define wh_reject(message) wh_reject_with(WH(message), NULL, NULL)

/// The same, with the field that is the reason, and what to change.
#define wh_reject_at(message, path, hint) \
  wh_reject_with(WH(message), (wh_str[]){WH(path)}, (wh_str[]){WH(hint)})

/// The same; NULL where there is no path or no hint.
wh_error *wh_reject_with(wh_str message, const wh_str *path, const wh_str *hint);

/// Gives a rejection or a finding the plugin's own name, e.g. "unknown-tier", which stays the same when the
/// sentence changes: 1 to 64 lowercase letters, digits and single `-`, beginning with a letter. Operators
/// waive findings by it, and count them. It returns what it got.
///
///   return wh_with_code(wh_reject_at("...", "config.tier", "..."), "unknown-tier");
#define wh_with_code(it, code)                                                                   \
  _Generic((it), wh_error *: wh_error_with_code, wh_finding *: wh_finding_with_code)(it, WH(code))

/// Says what the sentence was filled with, so that it can be said in another language.
#define wh_with_argument(it, name, value)                                                        \
  _Generic((it), wh_error *: wh_error_with_argument, wh_finding *: wh_finding_with_argument)(it, WH(name), WH(value))

/// Names a page that tells more, an https URL.
#define wh_with_link(it, url)                                                                    \
  _Generic((it), wh_error *: wh_error_with_link, wh_finding *: wh_finding_with_link)(it, WH(url))

/// How much a log line matters: something the person should look at although the run goes on, what
/// the plugin did, details for the plugin's author.
typedef enum wh_level { WH_LOG_WARN, WH_LOG_INFO, WH_LOG_DEBUG } wh_level;

/// Logs a line for the person who runs the host. It never changes the result.
void wh_log_str(wh_level level, wh_str message);
#define wh_log_warn(message) wh_log_str(WH_LOG_WARN, WH(message))
#define wh_log_info(message) wh_log_str(WH_LOG_INFO, WH(message))
#define wh_log_debug(message) wh_log_str(WH_LOG_DEBUG, WH(message))

/// Says why the edits that follow are made.
#define wh_because(pipeline, reason) wh_pipeline_because(pipeline, WH(reason))

/// How much a finding of a validator matters: it stops everything, or is shown.
typedef enum wh_severity { WH_SEVERITY_ERROR, WH_SEVERITY_WARNING } wh_severity;

/// Something that a validator noticed.
typedef struct wh_finding {
  /// How much it matters.
  wh_severity severity;
  /// Path of the field, when it is about one.
  wh_optional_str path;
  /// What is wrong, in one sentence.
  wh_str message;
  /// What to change, when the plugin knows.
  wh_optional_str hint;
  /// The plugin's own name for this kind of finding, e.g. `tag-missing`.
  wh_optional_str code;
  /// What the message was filled with.
  wh_entries arguments;
  /// A page that tells more, an https URL.
  wh_optional_str link;
} wh_finding;

/// A list of them.
typedef struct wh_findings {
  wh_finding *items;
  size_t len;
} wh_findings;

/// Adds a finding with a path and a hint to a list, and returns it until the next one is added.
#define wh_find(findings, severity, message, path, hint) \
  wh_find_with(findings, severity, WH(message), (wh_str[]){WH(path)}, (wh_str[]){WH(hint)})

/// The same; NULL where there is no path or no hint.
wh_finding *wh_find_with(wh_findings *findings, wh_severity severity, wh_str message,
                         const wh_str *path, const wh_str *hint);

wh_error *wh_error_with_code(wh_error *error, wh_str code);
wh_error *wh_error_with_argument(wh_error *error, wh_str name, wh_str value);
wh_error *wh_error_with_link(wh_error *error, wh_str url);
wh_finding *wh_finding_with_code(wh_finding *finding, wh_str code);
wh_finding *wh_finding_with_argument(wh_finding *finding, wh_str name, wh_str value);
wh_finding *wh_finding_with_link(wh_finding *finding, wh_str url);

/// A fact that the operator tells as JSON, e.g. of "storageClasses"; none when the operator tells nothing of
/// this name. `wh_info.facts` lists those that the plugin reads; one that the chain entry does not grant
/// is WH_DENIED, which ends the run.
#define wh_fact(name, found) wh_fact_str(WH(name), found)
wh_error *wh_fact_str(wh_str name, wh_optional_str *found);

/// For validators: the value that a field had before any plugin ran, as JSON.
#define wh_base(path, found) wh_base_str(WH(path), found)
wh_error *wh_base_str(wh_str path, wh_optional_str *found);

/// For validators: the name of the chain entry that set a field last; none when no plugin did.
#define wh_set_by(path, found) wh_set_by_str(WH(path), found)
wh_error *wh_set_by_str(wh_str path, wh_optional_str *found);

/// For validators: the value that the field has in the cluster, as JSON; none when it has none, or when
/// the run knows no cluster.
#define wh_live(path, found) wh_live_str(WH(path), found)
wh_error *wh_live_str(wh_str path, wh_optional_str *found);

/// Whether the run knows what is live. It never does while a plugin transforms.
bool wh_knows_live(void);

#endif

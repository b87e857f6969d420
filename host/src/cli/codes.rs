//! What each code means: those of every crate, found by `wellhead explain CODE`.

/// A code and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    /// The code.
    pub(crate) id: &'static str,
    /// What it is about, in a few words.
    pub(crate) title: &'static str,
    /// What is wrong, why that matters and what to do.
    pub(crate) explanation: &'static str,
}

pub(crate) const PLUGIN_LOG: &str = "WH0524";
pub(crate) const AUDIT: &str = "WH0525";
pub(crate) const ASKED: &str = "WH0526";
pub(crate) const UNTOLD: &str = "WH0527";
pub(crate) const ENGINE: &str = "WH0705";
pub(crate) const OUTPUT: &str = "WH0706";
pub(crate) const USAGE: &str = "WH0707";
pub(crate) const NOT_FOUND: &str = "WH0708";
pub(crate) const UNCONFIRMED: &str = "WH0709";
pub(crate) const STOPPED: &str = "WH0710";
pub(crate) const PROVENANCE: &str = "WH0711";
pub(crate) const CACHE: &str = "WH0712";
pub(crate) const PLAN_FILE: &str = "WH0713";
pub(crate) const STALE: &str = "WH0714";
pub(crate) const KEPT: &str = "WH0715";
pub(crate) const LEFT: &str = "WH0716";
pub(crate) const FROZEN: &str = "WH0717";
pub(crate) const ORDER: &str = "WH0718";

/// What a code means.
pub(crate) fn find(code: &str) -> Option<Code> {
    all().find(|it| it.id.eq_ignore_ascii_case(code))
}

/// Every code.
pub(crate) fn all() -> impl Iterator<Item = Code> {
    let spec = wellhead_spec::CODES.iter().map(|it| (it.code, it.title, it.explanation));
    let cluster = wellhead_cluster::CODES.iter().map(|it| (it.code, it.title, it.explanation));
    let toolchain = wellhead_toolchain::CODES.iter().map(|it| (it.code, it.title, it.explanation));
    spec.chain(PLUGIN.iter().copied())
        .chain(cluster)
        .chain(toolchain)
        .chain(wellhead::authoring::codes::CODES.iter().copied())
        .chain(wellhead::import::codes::CODES.iter().copied())
        .chain(OWN.iter().copied())
        .map(|(id, title, explanation)| Code { id, title, explanation })
}

type Row = (&'static str, &'static str, &'static str);

/// Codes of plugins.
const PLUGIN: &[Row] = &[
    (
        "WH0501",
        "a plugin's file is missing",
        "The file that an entry names as its `source` does not exist or cannot be read. A source is a path \
      relative to the customization's file, or an absolute one. Exit code 10.",
    ),
    (
        "WH0502",
        "not WebAssembly",
        "The file is something else than a WebAssembly binary, e.g. its text form or a native program. \
      Exit code 11.",
    ),
    (
        "WH0503",
        "a core module",
        "The file is a core WebAssembly module. Plugins are components: `wasm-tools component new` turns a module \
      that was built against the contract into one. Exit code 12.",
    ),
    (
        "WH0504",
        "not a valid component",
        "The file starts like a component, and the engine does not accept it: it is damaged, or uses a \
      WebAssembly proposal that plugins may not use, because results would differ between machines or could not be \
      metered. Build it for WebAssembly 2.0. Exit code 11.",
    ),
    (
        "WH0505",
        "a component for another world",
        "The component does not export what a plugin exports (`describe`, and `transform` or `validate`), or imports \
      what no plugin gets, such as WASI. `wellhead plugin inspect FILE` lists every mismatch. Build it against \
      `wellhead:plugin@0.1.0`. Exit code 13.",
    ),
    (
        "WH0506",
        "a plugin that describes itself badly",
        "The answer of the plugin's `describe` cannot be used: its name is no word, its version is no semantic version \
      (`1.0.0`), or its config schema is not JSON. Its author corrects it; the SDKs take name and version from the \
      project's manifest. Exit code 13.",
    ),
    (
        "WH0507",
        "a config that does not fit",
        "The `config` of an entry does not fit the JSON Schema that the plugin gives. `wellhead plugin inspect FILE` \
      prints it.",
    ),
    (
        "WH0508",
        "a plugin that is refused before it is compiled",
        "A kilobyte of WebAssembly can take gigabytes to compile, so what a plugin is made of has budgets: the size of \
      the file and of each function, the number of functions, types and instances, and more. The defaults admit what \
      the toolchains of Rust, C, Go, JavaScript and Python make. An operator may raise one in `limits.structure` of \
      the entry. Exit code 15.",
    ),
    (
        "WH0509",
        "a plugin that costs too much to compile",
        "A plugin is compiled in a process of its own, which is ended at limits of time, memory and size. Plugins \
      of every supported language stay far below them; one that does not is damaged, or made to use up the machine. \
      An operator may raise `--compile-cpu` and `--compile-memory`. Exit code 15.",
    ),
    (
        "WH0510",
        "a plugin that could not be compiled",
        "The process that compiles the plugin did not start, or failed. No other plugin is affected. A failure is an \
      error of Wellhead or of its compiler that this plugin provokes: please report it together with the plugin. Exit \
      code 1.",
    ),
    (
        "WH0511",
        "a plugin crashed",
        "The plugin's code failed: it panicked, read outside its memory or divided by zero. Nothing that it edited is \
      kept, and nothing was written. `-v` shows where. Exit code 14.",
    ),
    (
        "WH0512",
        "a plugin used up a budget",
        "Each call of a plugin has budgets of fuel (about one unit for each instruction), memory, elements of tables, \
      stack, time, transferred bytes, handles, edits and messages, so that an endless loop or a leak harms nobody. \
      The error names the budget, its value and what the plugin asked for. An operator may raise all but stack and \
      time in `limits` of the entry. Exit code 15.",
    ),
    (
        "WH0513",
        "a budget that does not fit the host's pool",
        "A host that runs many plugins may keep memory for them in slots, which are as large as the default budgets. \
      An entry of which a budget is raised above that needs a host without a pool. The command has none.",
    ),
    (
        "WH0514",
        "a plugin that does not do the same twice",
        "With `--verify-determinism`, each plugin runs twice on the same pipeline with the same config. Its edits, its \
      findings, its messages and its use of fuel and memory must be the same. A plugin sees no clock and no \
      randomness, so a difference is a defect of the host or of the machine: please report it together with the \
      plugin. Exit code 4.",
    ),
    (
        "WH0515",
        "the machine was too busy",
        "Compiling or calling a plugin is limited in processor time, which does not depend on what else the machine \
      does. The clock only ends what gets almost none: a sixtieth of a processor, over minutes. The plugin is not at \
      fault. Run the command again when the machine does less; `--compile-cpu` raises both times of compilation. Exit \
      code 1.",
    ),
    (
        "WH0516",
        "a config schema that costs too much to check",
        "A few kilobytes of JSON Schema can take forever, as each reference may double the work. What is not obviously \
      small is checked in a process of its own, which is ended at 2 s of processor time and 1 GiB; schemas of honest \
      plugins take a part of a millisecond. An operator may raise `--compile-cpu` and `--compile-memory`. Exit code 15.",
    ),
    (
        "WH0521",
        "a plugin refuses",
        "The plugin found a reason in the pipeline or in its config not to do its work. Nothing that it edited is \
      kept. What it says and suggests is in quotes: those are its words, and nobody checked them. Exit code 4.",
    ),
    (
        "WH0522",
        "a plugin leaves an invalid pipeline",
        "After the plugin's edits, the pipeline breaks a rule that holds for every pipeline. Nothing was written. \
      Exit code 4.",
    ),
    (
        "WH0523",
        "a validator objects",
        "A plugin that judges pipelines found something. Errors stop everything (exit code 4), warnings are shown. \
      What it says and suggests is in quotes: those are its words.",
    ),
    (
        "WH0524",
        "a plugin warns",
        "The plugin logged a message that a person should see. It does not change the result.",
    ),
    (
        AUDIT,
        "a plugin on trial would edit",
        "An entry with `audit: true` runs in its place, sees what the plugins before it left, and has no effect: its \
      edits are shown and given up, and what would have stopped the work (an edit that is not granted, a conflict, a \
      crash, a validator's error) is a warning that begins with `audit:`. Remove `audit` to let it work.",
    ),
    (
        ASKED,
        "a plugin asks for what nobody can grant, or for what is not obvious",
        "A plugin names in `describe` the fields that it writes, and operators grant them. What is no pattern of fields \
      cannot be granted; what is protected needs `opens` of the entry beside `grants`; a plugin that edits and asks for \
      nothing is refused at its first edit by whoever grants what it asks for.",
    ),
    (
        UNTOLD,
        "a plugin that does not say what it does",
        "The description stands where people decide whether to use the plugin, such as `plugin inspect`. It comes from the \
      plugin's `describe`; the SDKs take it from the project's manifest.",
    ),
    (
        "WH0601",
        "two plugins set one field differently",
        "A plugin set a field that an earlier plugin of the chain had set to something else. No plugin silently wins: \
      remove one of the two, or add the field to `overrides` of the later entry. Exit code 4.",
    ),
    (
        "WH0602",
        "a plugin writes what it is not granted",
        "A plugin may write the fields that `grants` of its entry name, and no others. Add the named line to the \
      entry if the plugin should write that field. Exit code 4.",
    ),
    (
        "WH0603",
        "a plugin writes a protected field",
        "Some fields decide whose a pipeline is, keep its data, or guard its node and its credentials. No grant covers \
      them, not even `**`: `opens` of the entry names each that this plugin may write. A value that has such a field \
      inside counts, too. host/spec/README.md lists them all. Exit code 4.",
    ),
    (
        "WH0604",
        "entries in the wrong order",
        "Plugins run in the order in which they are written, those of several files in the order of the files. `after` \
      and `before` of an entry check it. Nothing is moved: write the entries, or give the files, in the order that the \
      message names.",
    ),
    (
        "WH0605",
        "an order that names nobody",
        "`after` and `before` name other entries of the customizations that are given. A name that none has is an error, \
      because a check that is misspelt checks nothing. Where the named entry is part of another pipeline's chain only, \
      there is nothing to check.",
    ),
    (
        "WH0606",
        "an order that cannot be",
        "`after` and `before` of several entries, perhaps in several files, ask for a circle. One of them must go.",
    ),
];

/// Codes of the command line.
const OWN: &[Row] = &[
    (
        "WH0701",
        "two namespaces for one pipeline",
        "`-n` (or WELLHEAD_NAMESPACE) fills in the namespace where a file names none. A file that names another one \
      is an error, so that nothing lands where nobody expects it.",
    ),
    (
        "WH0702",
        "a customization without a pipeline",
        "The `select` of a customization matches none of the given pipelines, so its plugins do nothing.",
    ),
    (
        "WH0703",
        "a pipeline among customizations",
        "`-c` names files of customizations. Base specs are given by `-f`.",
    ),
    (
        "WH0704",
        "no pipeline",
        "None of the files that `-f` names holds a document of `kind: Pipeline`.",
    ),
    (
        ENGINE,
        "the WebAssembly engine does not start",
        "This machine or its settings do not allow to compile or run WebAssembly.",
    ),
    (
        OUTPUT,
        "a result cannot be written",
        "Standard output, a file of `--output-dir` or that of `--provenance` cannot be written, e.g. because the disk is full.",
    ),
    (
        USAGE,
        "a wrong command line",
        "The options contradict each other, or what they name cannot be used. Exit code 2.",
    ),
    (
        NOT_FOUND,
        "not found",
        "There is no such pipeline in the cluster, or no such object, field or code to explain.",
    ),
    (
        UNCONFIRMED,
        "not confirmed",
        "What would be lost must be confirmed: at the prompt, by `--yes`, and for claims and their data by repeating \
      the pipeline's name in `--delete-claims`. Nothing was deleted. Exit code 4.",
    ),
    (
        STOPPED,
        "stopped by a signal",
        "Ctrl-C or SIGTERM ended the work between two steps. What was written stays; the same command finishes the \
      job. Exit code 130 or 143.",
    ),
    (
        PLAN_FILE,
        "not a saved plan",
        "`apply FILE` applies a plan that `plan --out FILE` wrote. The named file cannot be read, is something else, \
      comes from another version, or is damaged. Specs are named by `-f`. Exit code 2.",
    ),
    (
        STALE,
        "a saved plan that is out of date",
        "A plan is applied exactly or not at all. The specs or plugins that it was made from are different now, or it \
      is for another cluster. Make a new one, look at it, and apply that. Nothing was written. Exit code 4.",
    ),
    (
        KEPT,
        "a field stays as it was rendered before",
        "Kubernetes fixes some fields when an object is created: claim templates, `serviceName`, `podManagementPolicy` and \
      `selector` of a StatefulSet, most of a claim, and its size downwards. Another value would be refused at every sync, so \
      `render` keeps what the tree (or `--immutable-from`) has. docs/gitops.md says how to change such a field.",
    ),
    (
        LEFT,
        "an object leaves what is rendered",
        "Its replica or claim is gone from the pipeline. Claims say \"keep\" to every tool that prunes, so a claim stays in the \
      cluster with its volume until a person deletes it, and comes back as it is. With `whenScaled: Delete` no annotation \
      keeps it, and a Service has none.",
    ),
    (
        FROZEN,
        "what was rendered before cannot become this",
        "A claim that is new or gone, a selector that finds other pods, or another mode of a volume needs another \
      StatefulSet: the field can neither change nor stay. Fewer replicas under `whenScaled: Delete` would delete claims. Take the change back, let `wellhead apply --recreate` do it, or \
      follow the hint. Nothing was written. Exit code 4.",
    ),
    (
        ORDER,
        "claims that must come before their StatefulSet",
        "A new claim has another class or size than the claim template. Tools that apply the StatefulSet first (Flux, kpt) \
      let its controller make the claim by the template, and have ours refused. `--layout flux` puts claims first. Argo CD, \
      Helm and `kubectl apply` of printed objects apply claims first anyway.",
    ),
    (
        PROVENANCE,
        "a file without provenance",
        "`explain --from` reads a file that `render --provenance` wrote, or that `explain -o json` printed. The named \
      file cannot be read, is something else, comes from another version, or is damaged. Exit code 2.",
    ),
    (
        CACHE,
        "the cache cannot be read or cleared",
        "`wellhead cache` cannot read or change the directory of compiled plugins (`wellhead cache dir` prints it; \
      WELLHEAD_CACHE_DIR names another one). Other commands work without it: they compile plugins anew.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_meaning() {
        let mut codes: Vec<_> = all().map(|it| it.id).collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
        assert!(all().all(|it| !it.title.ends_with('.') && it.explanation.ends_with('.')));
    }

    #[test]
    fn a_code_is_found_in_any_case() {
        assert_eq!(find("wh0602").unwrap().id, "WH0602");
        assert_eq!(find("WH9999"), None);
    }
}

//! The codes of this module's findings, and what each means.

/// A test case lacks a file, or has one too many.
pub const CASE_FILES: &str = "WH0821";
/// There is no test case to run.
pub const NO_CASES: &str = "WH0822";
/// A test case ends otherwise than it says.
pub const DIFFERENT: &str = "WH0823";
/// A plugin needs more than its author promises.
pub const PROMISE: &str = "WH0824";
/// Something else is wrong than what `--bless` can write.
pub const NOT_BLESSED: &str = "WH0825";
/// A file is no recording.
pub const RECORDING: &str = "WH0826";
/// A plugin does something else than it did when it was recorded.
pub const REPLAY: &str = "WH0827";
/// A plugin's component is not there yet.
pub const NOT_BUILT: &str = "WH0828";
/// The plugin gets one pipeline, and there are several or none.
pub const ONE_PIPELINE: &str = "WH0829";

/// Every code: itself, what it is about in a few words, and what is wrong and what to do.
pub const CODES: &[(&str, &str, &str)] = &[
    (
        CASE_FILES,
        "a test case with wrong files",
        "A test case of a plugin is a folder with `pipeline.yaml`, what should come out (`expected.yaml`, with \
         `expected-warnings.txt` if something is warned of, or `expected-error.txt`), and, where they are needed, \
         `config.yaml` and `case.yaml`. Other files are errors, because a misspelt one is a case that checks nothing. \
         Files that begin with a dot and README.md are nobody's business. Links that lead out of the project are refused, \
         also that of `plugin.yaml`: what they lead to is none of the plugin's.",
    ),
    (
        NO_CASES,
        "no test cases",
        "The project's folder of test cases is missing or empty, or no name contains what was given as a filter. The \
         folder is `cases`, or what `plugin.yaml` says.",
    ),
    (
        DIFFERENT,
        "a test case with another result",
        "What comes out of a test case is not what its files say: the lines with `-` are expected and the ones with \
         `+` came out. If they are right, `wellhead plugin test --bless` writes them. Exit code 1.",
    ),
    (
        PROMISE,
        "a plugin over its author's budget",
        "The `budget` of `plugin.yaml`, or of a test case, says what the plugin needs at most. A case that needs more \
         fails although its result is right. Fuel is the same on every machine. Exit code 1.",
    ),
    (
        NOT_BLESSED,
        "nothing was blessed",
        "`--bless` writes what comes out of all cases that run, or nothing. Some of them have another problem: wrong \
         files, a budget, or two results. Correct those first, or name the other cases as filters. Exit code 1.",
    ),
    (
        RECORDING,
        "not a recording",
        "`wellhead plugin replay` reads a file that `wellhead plugin run --record FILE` wrote. The named file cannot be \
         read, is something else, or comes from another version.",
    ),
    (
        REPLAY,
        "a replay that differs",
        "The plugin was given what it was given when it was recorded, and did something else. The message names the \
         first step that differs. Exit code 1.",
    ),
    (
        NOT_BUILT,
        "a component that is not there",
        "The project's component has not been built yet, or stands elsewhere than `component` of `plugin.yaml` says. \
         `wellhead plugin build` makes it. Exit code 10.",
    ),
    (
        ONE_PIPELINE,
        "not one pipeline",
        "`wellhead plugin run` gives a plugin one pipeline. `wellhead render` works on several files and plugins.",
    ),
];

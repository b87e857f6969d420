//! What a plugin says of itself, where people decide whom to trust.

use wellhead_tests::guest::Guest;

use super::super::{Attack, Expect};

/// What an operator's plugin looks like in `explain` and `plan`.
const APPROVED: &str = "1.0.0 of platform-policy (sha256:10c2aa11bb22), approved, plugin x 1.0.0";

/// Names are words and versions are semantic versions, so that neither says whose a plugin is.
pub(super) fn words_of_itself() -> Vec<Attack> {
    let version = |what: &str, text: &str| {
        let expect = Expect::BadDescription("its version is \"");
        Attack::new(what, &Guest::sets_replicas(7).version(text), expect)
    };
    let name = |what: &str, text: &str| {
        let expect = Expect::BadDescription("its name is ");
        Attack::new(what, &Guest::sets_replicas(7).name(text), expect)
    };
    let long = format!("1.0.0+{}", "a.".repeat(60) + "a");
    let allowed = Guest::sets_replicas(7).version("1.0.0+of.platform-policy.sha256.10c2aa11bb22");
    vec![
        version("the version of another plugin", APPROVED),
        version("a version in other letters", "1.0.0-\u{430}pproved"),
        version("a version that pushes out what follows", &long),
        version("a version with blanks around it", " 1.0.0 "),
        name("the name of another plugin", "storage-class 1.0.0 of platform-policy"),
        name("a name in other letters", "storage-cl\u{430}ss"),
        name("no name", ""),
        name("a name that pushes out what follows", &"a".repeat(101)),
        name("a name that ends its quotes", "a\" (sha256:10c2aa11bb22) \"1.0.0"),
        // What it may say comes last and in quotes; how that looks, the tests of `explain` hold.
        Attack::new("a version that says a lot", &allowed, Expect::Ends(|_| {})),
    ]
}

//! Guests that make edits: setters of the contract, called with given values.

use std::fmt::Write as _;

use super::{Guest, OK};

/// Where a setter's result stands; an edit error is read from there.
const RESULT: usize = 512;
/// Where a rejection is put together.
const REJECTION: usize = 600;
/// Where a getter of a handle leaves it.
const HANDLE: usize = 704;
/// Where texts begin: the third page, behind everything else.
const TEXTS: usize = 2 << 16;

/// What a setter belongs to.
#[derive(Clone, Debug)]
enum Target {
    Pipeline,
    MainContainer,
    Service,
    /// What a getter of this name gives for a name: its resource, and the name.
    Named(&'static str, String),
}

#[derive(Clone, Debug)]
enum Argument {
    Text(String),
    Option(Option<String>),
    Texts(Vec<String>),
    Number(i64),
}

/// One call of a setter.
#[derive(Clone, Debug)]
pub struct Edit {
    target: Target,
    method: String,
    arguments: Vec<Argument>,
    has_result: bool,
}

impl Edit {
    fn new(target: Target, method: impl Into<String>) -> Self {
        Self { target, method: method.into(), arguments: Vec::new(), has_result: true }
    }

    /// A setter of the pipeline, e.g. `set-label`.
    pub fn pipeline(method: &str) -> Self {
        Self::new(Target::Pipeline, format!("pipeline.{method}"))
    }

    /// A setter of the main container.
    pub fn container(method: &str) -> Self {
        Self::new(Target::MainContainer, format!("container.{method}"))
    }

    /// A setter of the Service.
    pub fn service(method: &str) -> Self {
        Self::new(Target::Service, format!("service.{method}"))
    }

    /// A setter of a claim.
    pub fn claim(name: &str, method: &str) -> Self {
        Self::new(Target::Named("claim", name.to_owned()), format!("claim.{method}"))
    }

    /// A setter of an init container.
    pub fn init_container(name: &str, method: &str) -> Self {
        let target = Target::Named("init-container", name.to_owned());
        Self::new(target, format!("container.{method}"))
    }

    /// A method that answers nothing, as `because`.
    #[must_use]
    pub fn without_result(self) -> Self {
        Self { has_result: false, ..self }
    }

    fn with(mut self, argument: Argument) -> Self {
        self.arguments.push(argument);
        self
    }

    /// An argument of type `string`.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.with(Argument::Text(text.into()))
    }

    /// An argument of type `option<string>` that is there.
    #[must_use]
    pub fn some(self, text: impl Into<String>) -> Self {
        self.with(Argument::Option(Some(text.into())))
    }

    /// An argument of type `option<string>` that is not.
    #[must_use]
    pub fn none(self) -> Self {
        self.with(Argument::Option(None))
    }

    /// An argument of type `list<string>`.
    #[must_use]
    pub fn texts(self, texts: &[&str]) -> Self {
        self.with(Argument::Texts(texts.iter().map(|it| (*it).to_owned()).collect()))
    }

    /// An argument that is a number, a bool or an enum.
    #[must_use]
    pub fn number(self, number: i64) -> Self {
        self.with(Argument::Number(number))
    }
}

/// What a guest does with the answer to an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It goes on, whatever the host says.
    Stubborn,
    /// It refuses with the host's words when the host refuses.
    Honest,
}

impl Guest {
    /// A plugin that makes edits.
    pub fn makes(edits: &[Edit], manner: Manner) -> Self {
        let mut guest = Self::new();
        let mut texts = Vec::new();
        let mut body = String::from("(block $refused");
        for edit in edits {
            let handle = guest.handle_of(&edit.target, &mut texts);
            let mut call = handle;
            let mut core = String::from("(param i32");
            for argument in &edit.arguments {
                for number in place(argument, &mut texts) {
                    core += " i32";
                    let _ = write!(call, " (i32.const {number})");
                }
            }
            if edit.has_result {
                core += " i32";
                let _ = write!(call, " (i32.const {RESULT})");
            }
            core += ")";
            let name = edit.method.replace(['-', '.'], "_");
            guest = guest.imports_method(&edit.method, &core);
            let _ = write!(body, " (call ${name} {call})");
            if manner == Manner::Honest && edit.has_result {
                let _ = write!(body, " (br_if $refused (i32.load8_u (i32.const {RESULT})))");
            }
        }
        let _ = write!(body, " (local.set $result (i32.const {OK})))");
        // Path and message of the edit error become those of the rejection.
        let copies = [(4, 16), (8, 20), (16, 8), (20, 12)].map(|(to, from)| {
            format!(
                "(i32.store (i32.const {}) (i32.load (i32.const {})))",
                REJECTION + to,
                RESULT + from
            )
        });
        let body = format!(
            "(local $result i32) (local.set $result (i32.const {REJECTION})) {body}
            (i32.store8 (i32.const {REJECTION}) (i32.const 1))
            (i32.store8 (i32.const {}) (i32.const 1)) {} (local.get $result)",
            REJECTION + 12,
            copies.concat()
        );
        let pages = 3 + texts.len() / (1 << 16);
        guest.memory(&pages.to_string()).data(TEXTS, texts).transform(&body)
    }

    /// Code that leaves a handle on the stack; the imports that it needs are added.
    fn handle_of(&mut self, target: &Target, texts: &mut Vec<u8>) -> String {
        let getter = "(param i32) (result i32)";
        let mut import = |method: &str, core: &str| {
            let guest = std::mem::take(self);
            *self = guest.imports_method(method, core);
        };
        match target {
            Target::Pipeline => "(local.get $target)".to_owned(),
            Target::MainContainer => {
                import("pipeline.main-container", getter);
                "(call $pipeline_main_container (local.get $target))".to_owned()
            }
            Target::Service => {
                import("pipeline.service", getter);
                "(call $pipeline_service (local.get $target))".to_owned()
            }
            Target::Named(getter, name) => {
                import(&format!("pipeline.{getter}"), "(param i32 i32 i32 i32)");
                let (at, function) = (put(name.as_bytes(), texts), getter.replace('-', "_"));
                format!(
                    "(block (result i32)
                      (call $pipeline_{function} (local.get $target) (i32.const {at}) (i32.const {})
                        (i32.const {HANDLE}))
                      (i32.load (i32.const {})))",
                    name.len(),
                    HANDLE + 4
                )
            }
        }
    }
}

/// Puts a text into memory; its address.
fn put(bytes: &[u8], texts: &mut Vec<u8>) -> usize {
    let at = TEXTS + texts.len();
    texts.extend(bytes);
    at
}

/// The numbers as which an argument is passed.
fn place(argument: &Argument, texts: &mut Vec<u8>) -> Vec<i64> {
    let pair = |text: &str, texts: &mut Vec<u8>| {
        [put(text.as_bytes(), texts), text.len()].map(|it| i64::try_from(it).unwrap_or(i64::MAX))
    };
    match argument {
        Argument::Text(text) => pair(text, texts).to_vec(),
        Argument::Option(None) => vec![0, 0, 0],
        Argument::Option(Some(text)) => [&[1][..], &pair(text, texts)].concat(),
        Argument::Number(number) => vec![*number],
        Argument::Texts(items) => {
            let pairs: Vec<_> = items.iter().flat_map(|text| pair(text, texts)).collect();
            texts.resize(texts.len().next_multiple_of(4), 0);
            let words = pairs.iter().filter_map(|it| u32::try_from(*it).ok());
            let bytes: Vec<u8> = words.flat_map(u32::to_le_bytes).collect();
            let at = i64::try_from(put(&bytes, texts)).unwrap_or(i64::MAX);
            vec![at, i64::try_from(items.len()).unwrap_or(i64::MAX)]
        }
    }
}

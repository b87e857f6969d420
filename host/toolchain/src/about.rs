//! What a component says about its origin, in the sections that registries and `wasm-tools metadata show` read:
//! <https://github.com/WebAssembly/tool-conventions/blob/main/Producers.md> names the first, and
//! <https://specs.opencontainers.org/image-spec/annotations/> the others.

use serde::{Deserialize, Serialize};
use wasm_encoder::{ComponentSection as _, CustomSection};
use wasm_metadata::{AddMetadata, AddMetadataField};
use wasmparser::{ComponentName, ComponentNameSectionReader, KnownCustom, Parser, Payload};

use crate::{EncodeError, Error};

/// Most bytes of a text that is read of a component.
const MOST: usize = 4_000;

/// What a component says about its origin. Nothing of it is checked against what the plugin does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it does, in a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authors: Option<String>,
    /// An SPDX expression, e.g. `Apache-2.0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licenses: Option<String>,
    /// URL of its source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// URL of its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
    /// The commit that it is made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
}

impl About {
    /// The texts that have a section of their own, by its name.
    fn sections(&mut self) -> [(&'static str, &mut Option<String>); 7] {
        [
            ("version", &mut self.version),
            ("description", &mut self.description),
            ("authors", &mut self.authors),
            ("licenses", &mut self.licenses),
            ("source", &mut self.source),
            ("homepage", &mut self.homepage),
            ("revision", &mut self.revision),
        ]
    }

    /// The same with each text changed.
    #[must_use]
    pub fn map(mut self, change: impl Fn(String) -> String) -> Self {
        self.name = self.name.map(&change);
        for (_, text) in self.sections() {
            *text = text.take().map(&change);
        }
        self
    }

    /// The same, where this one says nothing.
    #[must_use]
    pub fn or(mut self, mut other: Self) -> Self {
        self.name = self.name.or(other.name.take());
        for ((_, text), (_, instead)) in self.sections().into_iter().zip(other.sections()) {
            *text = text.take().or_else(|| instead.take());
        }
        self
    }

    /// The same without what would be no valid section: empty texts, licences that are no SPDX expression (such as npm's
    /// `UNLICENSED`), and places that are no URL. A reader that meets one of them gives up on all.
    #[must_use]
    pub(crate) fn valid(mut self) -> Self {
        self.licenses = self.licenses.filter(|it| spdx::Expression::parse(it).is_ok());
        self.source = self.source.filter(|it| is_url(it));
        self.homepage = self.homepage.filter(|it| is_url(it));
        self.name = self.name.filter(|it| !it.trim().is_empty());
        for (_, text) in self.sections() {
            *text = text.take().filter(|it| !it.trim().is_empty());
        }
        self
    }

    /// Checks that the plugin calls itself as its project does.
    ///
    /// # Errors
    /// [`Error::Disagrees`].
    pub fn check(&self, name: &str, version: &str) -> Result<(), Error> {
        for (what, ours, theirs) in
            [("name", &self.name, name), ("version", &self.version, version)]
        {
            if let Some(ours) = ours.as_ref().filter(|it| *it != theirs) {
                let (project, plugin) = (ours.clone(), theirs.to_owned());
                return Err(Error::Disagrees { what, project, plugin });
            }
        }
        Ok(())
    }

    /// A component with these sections, behind all others.
    ///
    /// # Errors
    /// [`EncodeError::Component`] for what is no component.
    pub fn add_to(&self, component: &[u8]) -> Result<Vec<u8>, EncodeError> {
        let mut about = self.clone();
        let mut metadata = AddMetadata::default();
        if let Some(name) = about.name.take() {
            metadata.name = AddMetadataField::Set(name);
        }
        let mut component = metadata
            .to_wasm(component)
            .map_err(|error| EncodeError::Component(format!("{error:#}")))?;
        for (name, text) in about.sections() {
            if let Some(text) = text {
                let section = CustomSection { name: name.into(), data: text.as_bytes().into() };
                section.append_to_component(&mut component);
            }
        }
        Ok(component)
    }

    /// What a component says: the outermost sections, and the first of each name. The component may be a stranger's: of
    /// each text no more than 4,000 bytes are read, and what is not well-formed says nothing.
    pub fn of(component: &[u8]) -> Self {
        let mut about = Self::default();
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(component).map_while(Result::ok) {
            match payload {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::CustomSection(section) if depth == 0 => {
                    if let KnownCustom::ComponentName(names) = section.as_known() {
                        about.name = about.name.take().or_else(|| component_name(names));
                    }
                    let mut sections = about.sections().into_iter();
                    if let Some((_, text)) = sections.find(|it| it.0 == section.name()) {
                        text.get_or_insert_with(|| first(section.data()));
                    }
                }
                _ => {}
            }
        }
        about
    }
}

fn component_name(mut names: ComponentNameSectionReader<'_>) -> Option<String> {
    names.find_map(|name| match name {
        Ok(ComponentName::Component { name, .. }) => Some(first(name.as_bytes())),
        _ => None,
    })
}

/// The beginning of a text.
fn first(text: &[u8]) -> String {
    String::from_utf8_lossy(&text[..text.len().min(MOST)]).into_owned()
}

/// Whether a text has the form of a URL with a host.
fn is_url(text: &str) -> bool {
    let allowed = |it: &str| it.bytes().all(|b| b.is_ascii_graphic());
    text.split_once("://").is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+.-".contains(&b))
            && rest.starts_with(|c: char| c.is_ascii_alphanumeric())
            && allowed(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> About {
        let text = |it: &str| Some(it.to_owned());
        About {
            name: text("team-label"),
            version: text("1.2.0"),
            description: text("Labels pods"),
            authors: text("Joe <joe@example.com>, Ann"),
            licenses: text("MIT OR Apache-2.0"),
            source: text("https://example.com/team-label"),
            homepage: text("https://example.com"),
            revision: text("12ab"),
        }
    }

    /// A component with a module and a component in it, each with sections of its own.
    fn component() -> Vec<u8> {
        wat::parse_str(
            r#"(component (core module (@custom "version" "9")) (component (@custom "version" "8")))"#,
        )
        .unwrap()
    }

    #[test]
    fn what_is_added_is_read_again_and_the_component_stays_valid() {
        let component = component();
        assert_eq!(About::of(&component), About::default());
        let described = all().valid().add_to(&component).unwrap();
        assert_eq!(About::of(&described), all());
        assert!(wasmparser::validate(&described).is_ok());
        let twice = About { name: Some("b".to_owned()), ..About::default() };
        let twice = twice.add_to(&described).unwrap();
        assert_eq!(About::of(&twice), About { name: Some("b".to_owned()), ..all() });
    }

    #[test]
    fn what_readers_choke_on_is_left_out() {
        let text = |it: &str| Some(it.to_owned());
        let about = About {
            description: text("  "),
            licenses: text("UNLICENSED"),
            source: text("github:acme/label"),
            homepage: text("https://a b"),
            ..About::default()
        };
        assert_eq!(about.valid(), About::default());
        for good in ["https://github.com/acme/label", "git+https://github.com/acme/label.git"] {
            assert!(is_url(good), "{good}");
        }
        for bad in ["", "://x", "https://", "1://a", "ssh:a/b", "https:///x", "https://a\nb"] {
            assert!(!is_url(bad), "{bad}");
        }
    }

    #[test]
    fn a_strangers_texts_are_cut_and_what_is_no_component_says_nothing() {
        let long = About { version: Some("9".repeat(100_000)), ..About::default() };
        let long = About::of(&long.add_to(&component()).unwrap());
        assert_eq!(long.version.map(|it| it.len()), Some(MOST));
        let described = all().add_to(&component()).unwrap();
        for end in 0..described.len() {
            About::of(&described[..end]);
        }
    }

    #[test]
    fn another_version_than_the_projects_is_an_error() {
        assert!(all().check("team-label", "1.2.0").is_ok());
        assert!(About::default().check("any", "9").is_ok());
        let error = all().check("team-label", "1.1.0").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the plugin says that its version is `1.1.0`, and its project says `1.2.0`"
        );
    }
}

//! A new project: the template of its language, and a copy of its SDK.

pub(crate) mod embedded;
pub(crate) mod name;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::shown::in_code;
use crate::{Error, Language};

/// The name of every template: a template is itself a valid project.
const TEMPLATE_NAME: &str = "my-plugin";
/// The folder of the SDK in a project. (`vendor` has a meaning of its own for Go.)
const SDK: &str = "sdk";
/// The licence of the SDK, which every copy carries, and of a project until its author chooses another.
const LICENCE: &str = "LICENSE";

/// What to make.
#[derive(Clone, Debug)]
pub struct NewProject {
    /// The plugin's name, e.g. `team-label`.
    pub name: String,
    /// Its language.
    pub language: Language,
    /// Its folder, which does not exist yet or is empty.
    pub folder: PathBuf,
}

impl NewProject {
    /// Writes the project, and returns its files by their paths in the folder. Everything is there
    /// afterwards, or nothing.
    ///
    /// # Errors
    /// [`Error::Name`], [`Error::Occupied`] and [`Error::File`].
    pub fn write(&self) -> Result<Vec<PathBuf>, Error> {
        name::check(&self.name)?;
        refuse_occupied(&self.folder)?;
        let unwritten = |error| Error::unwritten(&self.folder)(error);
        let parent = self.folder.parent().filter(|it| !it.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(unwritten)?;
        // Beside its place, so that a rename puts everything there at once.
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let draft = builder.prefix(".wellhead-new-").tempdir_in(parent).map_err(unwritten)?;
        let files = self.files();
        for (path, content) in &files {
            write(&draft.path().join(path), content).map_err(unwritten)?;
        }
        fs::rename(draft.path(), &self.folder).map_err(unwritten)?;
        // What it would remove is somewhere else now.
        let _ = draft.keep();
        Ok(files.into_iter().map(|it| it.0).collect())
    }

    /// Every file of the project.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let template = embedded::common()
            .iter()
            .chain(embedded::template(self.language))
            .map(|(path, content)| (PathBuf::from(self.renamed(path)), self.renamed_in(content)));
        let sdk = embedded::sdk(self.language)
            .iter()
            .map(|(path, content)| (Path::new(SDK).join(path), content.to_vec()));
        let licence = embedded::common().iter().filter(|it| it.0 == LICENCE);
        let licence = licence.map(|it| (Path::new(SDK).join(LICENCE), it.1.to_vec()));
        template.chain(sdk).chain(licence).collect()
    }

    /// The template's name, in each of its forms, as the plugin's.
    fn renamed(&self, text: &str) -> String {
        text.replace(TEMPLATE_NAME, &self.name)
            .replace(&TEMPLATE_NAME.replace('-', "_"), &self.name.replace('-', "_"))
            .replace(&name::as_type(TEMPLATE_NAME), &name::as_type(&self.name))
    }

    fn renamed_in(&self, content: &[u8]) -> Vec<u8> {
        match std::str::from_utf8(content) {
            Ok(text) => self.renamed(text).into_bytes(),
            Err(_) => content.to_vec(),
        }
    }
}

/// An empty folder may be there: people make one and go into it.
fn refuse_occupied(folder: &Path) -> Result<(), Error> {
    let occupied = |why: String| Err(Error::Occupied { folder: folder.to_owned(), why });
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            Some(Ok(entry)) => occupied(format!(
                "it has {}, for one",
                in_code(&entry.file_name().to_string_lossy())
            )),
            Some(Err(error)) => Err(Error::unread(folder)(error)),
            None => Ok(()),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            occupied("it is not a folder".to_owned())
        }
        Err(error) => Err(Error::unread(folder)(error)),
    }
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(folder: PathBuf) -> NewProject {
        NewProject { name: "team-label".to_owned(), language: Language::Rust, folder }
    }

    #[test]
    fn a_project_has_its_own_name_everywhere_but_in_the_sdk() {
        let parent = tempfile::tempdir().unwrap();
        for language in Language::ALL {
            let folder = parent.path().join("deep").join(language.id());
            let files = NewProject { language, ..project(folder.clone()) }.write().unwrap();
            assert!(files.contains(&language.marker().into()), "{language}: {files:?}");
            for file in ["LICENSE", "CHANGELOG.md", "ci.sh", "sdk/LICENSE"] {
                assert!(files.contains(&file.into()), "{language}: {files:?}");
            }
            for file in files.iter().filter(|it| !it.starts_with(SDK)) {
                let text = fs::read_to_string(folder.join(file)).unwrap();
                let at = file.to_string_lossy();
                for form in ["my-plugin", "my_plugin", "MyPlugin"] {
                    assert!(!text.contains(form) && !at.contains(form), "{language}: {at}");
                }
            }
        }
        let rest: Vec<_> = fs::read_dir(parent.path().join("deep")).unwrap().collect();
        assert_eq!(rest.len(), Language::ALL.len(), "{rest:?}");
    }

    /// Those who read one template know what the others do.
    #[test]
    fn every_language_has_the_same_cases() {
        let cases = |language| {
            let files = embedded::template(language).iter();
            files.filter(|it| it.0.starts_with("cases/")).collect::<Vec<_>>()
        };
        assert!(!cases(Language::Rust).is_empty());
        for language in Language::ALL {
            assert_eq!(cases(language), cases(Language::Rust), "{language}");
        }
    }

    #[test]
    fn an_empty_folder_is_used_and_another_one_left_as_it_is() {
        let parent = tempfile::tempdir().unwrap();
        project(parent.path().to_owned()).write().unwrap();
        let again = project(parent.path().to_owned()).write();
        assert!(matches!(again, Err(Error::Occupied { .. })), "{again:?}");
        fs::write(parent.path().join("file"), "").unwrap();
        let on_file = project(parent.path().join("file")).write();
        assert!(matches!(on_file, Err(Error::Occupied { .. })), "{on_file:?}");
    }

    #[cfg(unix)]
    #[test]
    fn the_name_of_a_file_that_is_there_stays_in_its_quotes() {
        let parent = tempfile::tempdir().unwrap();
        fs::write(parent.path().join("a`\nhelp: b"), "").unwrap();
        let Err(error) = project(parent.path().to_owned()).write() else { panic!("it is written") };
        assert_eq!(error.facts(), [r"it has `a\u{60}\nhelp: b`, for one"]);
    }

    #[test]
    fn a_wrong_name_leaves_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let wrong =
            NewProject { name: "Team Label".to_owned(), ..project(parent.path().join("x")) };
        assert!(matches!(wrong.write(), Err(Error::Name { .. })));
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}

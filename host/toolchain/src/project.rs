//! A project and how it is built.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::{About, Error, Language};

/// A plugin's project: a folder with the files of one language.
#[derive(Clone, Debug)]
pub struct Project {
    folder: PathBuf,
    language: Language,
}

/// What a build makes.
#[derive(Clone, Debug)]
pub struct Built {
    /// The plugin's name, as its project has it.
    pub name: String,
    /// The component. It imports nothing but the contract.
    pub component: Vec<u8>,
    /// What the manifest of its language says about its origin; nothing of it is in the component yet.
    pub about: About,
}

impl Project {
    /// The project in a folder. Without `language`, its files tell it.
    ///
    /// # Errors
    /// [`Error::NoProject`] and [`Error::Ambiguous`].
    pub fn open(folder: &Path, language: Option<Language>) -> Result<Self, Error> {
        let language = match language {
            Some(language) if folder.join(language.marker()).is_file() => language,
            Some(_) => return Err(Error::NoProject { folder: folder.to_owned() }),
            None => Language::detect(folder)?,
        };
        Ok(Self { folder: folder.to_owned(), language })
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its language.
    pub fn language(&self) -> Language {
        self.language
    }
}

impl Built {
    /// The same with what it says about its origin: what is given, then what the manifest says.
    ///
    /// # Errors
    /// [`Error::Encode`] for what is no component.
    pub fn described(self, about: About) -> Result<Self, Error> {
        let about = about.or(self.about).valid();
        let component = about
            .add_to(&self.component)
            .map_err(|source| Error::Encode { path: PathBuf::from(&self.name), source })?;
        Ok(Self { component, about, ..self })
    }

    /// Writes the component to a file, as a whole or not at all. Its folder is made where it is not
    /// there.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn write(&self, file: &Path) -> Result<(), Error> {
        let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        // The umask narrows it, as for every other new file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        // In the place of a device, such as `/dev/null`, a file would be one that others write into.
        let draft = if file.metadata().is_ok_and(|it| !it.is_file()) {
            Err(io::Error::other("it is not a regular file"))
        } else {
            fs::create_dir_all(folder).and_then(|()| builder.tempfile_in(folder))
        };
        let written = draft.and_then(|mut draft| {
            draft.write_all(&self.component)?;
            draft.persist(file)?;
            Ok(())
        });
        written.map_err(Error::unwritten(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_is_written_into_a_folder_that_is_not_there_yet() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("build/plugin.wasm");
        let built =
            Built { name: "plugin".to_owned(), component: vec![1, 2], about: About::default() };
        built.write(&file).unwrap();
        assert_eq!(fs::read(&file).unwrap(), [1, 2]);
        let error = built.write(folder.path()).unwrap_err();
        assert!(format!("{error:?}").contains("not a regular file"), "{error:?}");
    }
}

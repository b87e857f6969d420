//! Plugins in JavaScript and TypeScript: npm fetches the tools that the project names, and its script
//! `build` makes the component (`plugins/sdk-javascript/build`).

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::requirement::{Requirement, Version};
use crate::run::run;
use crate::{About, Built, Error, Output, Project};

/// The oldest Node that imports JSON as the template does.
const NODE: Version = Version(20, 10, 0);
/// The npm that came with it.
const NPM: Version = Version(10, 2, 0);
const INSTALL: &str =
    "install Node 20.10 or later, which brings npm: https://nodejs.org/en/download";

/// Builds a project.
pub(crate) fn build(project: &Project, output: Output) -> Result<Built, Error> {
    let folder = project.folder();
    for (what, program, minimum) in [("Node", "node", NODE), ("npm", "npm", NPM)] {
        let program = OsStr::new(program);
        let arguments = &["--version"];
        Requirement { what, program, arguments, minimum, install: INSTALL, folder }.check()?;
    }
    let (name, manifest) = manifest(folder)?;
    if !is_installed(folder) {
        // Scripts of packages are not needed: the tools' programs are packages of their own.
        let flags = ["--ignore-scripts", "--no-audit", "--no-fund"];
        let install = |how: &str, output| run(npm(folder).arg(how).args(flags), output);
        // `ci` takes what is pinned and writes no lock file. It refuses one that the manifest has outgrown.
        let pinned = folder.join("package-lock.json").is_file();
        if !pinned || install("ci", Output::OnFailure).is_err() {
            install("install", output)?;
        }
    }
    let component = folder.join(format!("{name}.wasm"));
    // What is there afterwards was made now.
    match fs::remove_file(&component) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::unwritten(&component)(error));
        }
        _ => run(npm(folder).args(["run", "--silent", "build"]), output)?,
    }
    match fs::read(&component) {
        Ok(component) => Ok(Built { about: manifest.about(&name), name, component }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::Project {
            folder: folder.to_owned(),
            why: format!("`npm run build` made no {name}.wasm"),
            hint: format!(
                "write the script in package.json: \
                 \"build\": \"wellhead-plugin-build src/plugin.js {name}.wasm\""
            ),
        }),
        Err(error) => Err(Error::unread(&component)(error)),
    }
}

fn npm(folder: &Path) -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(folder).env("npm_config_update_notifier", "false");
    npm
}

/// What is used of a package's manifest. Each field may have any form: npm ignores what it does not know.
#[derive(serde::Deserialize)]
struct Manifest {
    #[serde(default)]
    name: Value,
    #[serde(default)]
    version: Value,
    #[serde(default)]
    description: Value,
    #[serde(default)]
    author: Value,
    #[serde(default)]
    license: Value,
    #[serde(default)]
    repository: Value,
    #[serde(default)]
    homepage: Value,
}

impl Manifest {
    fn about(&self, name: &str) -> About {
        // A text, or an object that has it.
        let text = |value: &Value, key: &str| {
            value.as_str().or_else(|| value.get(key)?.as_str()).map(str::to_owned)
        };
        About {
            name: Some(name.to_owned()),
            version: text(&self.version, ""),
            description: text(&self.description, ""),
            authors: text(&self.author, "name"),
            licenses: text(&self.license, "type"),
            source: text(&self.repository, "url"),
            homepage: text(&self.homepage, ""),
            revision: None,
        }
    }
}

/// The package's name, and its manifest. npm refuses names that are no file names.
fn manifest(folder: &Path) -> Result<(String, Manifest), Error> {
    let file = folder.join("package.json");
    let wrong = |why: String| Error::Project {
        folder: folder.to_owned(),
        why,
        hint: "give package.json a name, a version and a description".to_owned(),
    };
    let bytes = fs::read(&file).map_err(Error::unread(&file))?;
    let manifest: Manifest = serde_json::from_slice(&bytes)
        .map_err(|error| wrong(format!("package.json is not JSON: {error}")))?;
    match manifest.name.as_str() {
        Some(name) if !name.is_empty() && !name.contains(['/', '\\']) => {
            Ok((name.to_owned(), manifest))
        }
        _ => Err(wrong("package.json has no name that could be that of a plugin".to_owned())),
    }
}

/// Whether npm has installed what the manifest and its lock file ask for.
fn is_installed(folder: &Path) -> bool {
    let modified = |file: &str| -> io::Result<_> { folder.join(file).metadata()?.modified() };
    let Ok(installed) = modified("node_modules/.package-lock.json") else { return false };
    ["package.json", "package-lock.json"]
        .iter()
        .all(|file| modified(file).is_ok_and(|changed| changed <= installed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_without_a_usable_name_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for (manifest, why) in [
            ("{", "is not JSON"),
            ("{}", "no name"),
            (r#"{"name":"@team/plugin"}"#, "no name"),
            (r#"{"name":7}"#, "no name"),
        ] {
            fs::write(folder.path().join("package.json"), manifest).unwrap();
            let Err(Error::Project { why: found, .. }) = super::manifest(folder.path()) else {
                panic!()
            };
            assert!(found.contains(why), "{manifest}: {found}");
        }
        let manifest = r#"{"name":"plugin","version":"1.2.0","author":{"name":"Joe"},"license":"MIT",
            "repository":{"type":"git","url":"git+https://example.com/p.git"},"homepage":7}"#;
        fs::write(folder.path().join("package.json"), manifest).unwrap();
        let (name, manifest) = super::manifest(folder.path()).unwrap();
        let about = manifest.about(&name);
        let text = |it: &str| Some(it.to_owned());
        assert_eq!(
            (name.as_str(), about.version, about.authors),
            ("plugin", text("1.2.0"), text("Joe"))
        );
        assert_eq!(about.source, text("git+https://example.com/p.git"));
        assert_eq!((about.licenses, about.homepage), (text("MIT"), None));
    }

    #[test]
    fn a_changed_manifest_is_installed_anew() {
        let folder = tempfile::tempdir().unwrap();
        let write = |file: &str, seconds: u64| {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let file = fs::File::create(path).unwrap();
            file.set_modified(io_time(seconds)).unwrap();
        };
        write("package.json", 1);
        write("package-lock.json", 1);
        assert!(!is_installed(folder.path()));
        write("node_modules/.package-lock.json", 2);
        assert!(is_installed(folder.path()));
        write("package.json", 3);
        assert!(!is_installed(folder.path()));
    }

    fn io_time(seconds: u64) -> std::time::SystemTime {
        std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds)
    }
}

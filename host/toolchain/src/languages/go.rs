//! Plugins in Go: Go's own compiler makes a core module for WASI, which does not describe its world and
//! wants an operating system; [`world`](crate::component::world) gives it both.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::component::world;
use crate::requirement::{Requirement, Version};
use crate::run::{read, run};
use crate::{About, Built, Error, Output, Project};

/// The module of the SDK.
const SDK: &str = "github.com/wellhead-dev/wellhead/plugins/sdk-go";
/// What every build has: a library, since a plugin's `main` never runs; no symbols, which would be half
/// of the component; no paths of the machine; and, without `-checklinkname=0`, Go refuses that the
/// SDK's runtime allocates before Go's own has started.
const ARGUMENTS: [&str; 5] = [
    "build",
    "-trimpath",
    "-buildvcs=false",
    "-buildmode=c-shared",
    "-ldflags=-s -w -checklinkname=0",
];

/// Builds a project.
pub(crate) fn build(project: &Project, output: Output) -> Result<Built, Error> {
    let folder = project.folder();
    check(folder)?;
    let name = name(&read(go(folder).args(["list", "-m"]))?);
    let wit = sdk(folder)?.join("wit");
    let scratch = tempfile::tempdir().map_err(Error::unwritten(folder))?;
    let module = scratch.path().join("plugin.wasm");
    let mut command = go(folder);
    command.args(ARGUMENTS).arg("-o").arg(&module).arg(".");
    run(command.env("GOOS", "wasip1").env("GOARCH", "wasm"), output)?;
    let bytes = fs::read(&module).map_err(Error::unread(&module))?;
    let component = world::encode(&bytes, &wit)
        .map_err(|source| Error::Encode { path: folder.to_owned(), source })?;
    Ok(Built { name, component, about: About::default() })
}

fn check(folder: &Path) -> Result<Version, Error> {
    let requirement = Requirement {
        what: "Go",
        program: "go".as_ref(),
        arguments: &["version"],
        minimum: Version(1, 25, 0),
        install: "install Go 1.25 or newer: https://go.dev/dl, or `brew install go`",
        folder,
    };
    requirement.check()
}

fn go(folder: &Path) -> Command {
    let mut command = Command::new("go");
    command.current_dir(folder);
    command
}

/// The last part of a module's path that is no version: `example.com/team-label/v2` is `team-label`.
fn name(module: &str) -> String {
    let is_version =
        |part: &str| part.strip_prefix('v').is_some_and(|it| it.parse::<u32>().is_ok());
    let parts = module.lines().next().unwrap_or_default().rsplit('/');
    parts.into_iter().find(|it| !is_version(it)).unwrap_or_default().to_owned()
}

/// The folder of the SDK that the project is built with.
fn sdk(folder: &Path) -> Result<PathBuf, Error> {
    let mut command = go(folder);
    let unknown = |why: String| Error::Project {
        folder: folder.to_owned(),
        why,
        hint: format!(
            "go.mod says where the SDK is: `require {SDK} v0.1.0` and `replace {SDK} => ./sdk`"
        ),
    };
    match read(command.args(["list", "-m", "-f", "{{.Dir}}", SDK])) {
        Ok(found) if !found.is_empty() => Ok(PathBuf::from(found)),
        Ok(_) => Err(unknown("the SDK is not downloaded".to_owned())),
        Err(Error::Failed { said, .. }) => Err(unknown(said)),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_last_part_of_the_modules_path() {
        assert_eq!(name("team-label"), "team-label");
        assert_eq!(name("example.com/plugins/team-label\n"), "team-label");
        assert_eq!(name("example.com/team-label/v2"), "team-label");
    }
}

//! Plugins in Python: a virtual environment gets the tools that the project names, and
//! `wellhead_plugin.build` makes the component (`plugins/sdk-python`).

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::requirement::{Requirement, Version};
use crate::run::{read, run};
use crate::{About, Built, Error, Output, Project};

/// The oldest Python whose library reads TOML, as the SDK does.
const PYTHON: Version = Version(3, 11, 0);
/// Any pip: it comes with the module that makes environments, which Debian packs apart.
const PIP: Version = Version(0, 0, 0);
const INSTALL: &str = "install Python 3.11 or later: `apt-get install python3 python3-venv`, \
     or https://www.python.org/downloads";
const VENV: &str = "install the module, e.g. `apt-get install python3-venv`";
/// The tools of the build.
const TOOLS: &str = "requirements-build.txt";
/// The author's packages. In a project without [`TOOLS`], the tools, too.
const REQUIREMENTS: &str = "requirements.txt";
/// Prints the project's name and what it says about its origin, as JSON.
const MANIFEST: &str = "\
import json, sys, tomllib
def text(value):
    return value if isinstance(value, str) else None
try:
    it = tomllib.load(open('pyproject.toml', 'rb'))['project']
    licence = it.get('license')
    urls = {key.lower(): text(value) for key, value in it.get('urls', {}).items()}
    print(json.dumps({
        'name': it['name'],
        'version': text(it.get('version')),
        'description': text(it.get('description')),
        'authors': ', '.join(each.get('name') or each.get('email', '') for each in it.get('authors', [])),
        'licenses': licence.get('text') if isinstance(licence, dict) else text(licence),
        'source': urls.get('source') or urls.get('repository'),
        'homepage': urls.get('homepage'),
    }))
except (AttributeError, KeyError, TypeError, tomllib.TOMLDecodeError) as error:
    sys.exit(f'pyproject.toml: {type(error).__name__}: {error}')";

/// The folder of the environment, where editors look for it.
const ENVIRONMENT: &str = ".venv";
/// Its Python.
const PYTHON_OF_PROJECT: &str = ".venv/bin/python";
/// Tells when the environment was filled.
const STAMP: &str = ".venv/wellhead-installed";

/// Builds a project.
pub(crate) fn build(project: &Project, output: Output) -> Result<Built, Error> {
    let folder = project.folder();
    let python = environment(folder, output)?;
    let command = || {
        let mut command = Command::new(&python);
        command.current_dir(folder);
        command
    };
    let about = about(folder, &read(command().args(["-c", MANIFEST]))?)?;
    let name = about.name.clone().unwrap_or_default();
    let own = Requirements::read(&folder.join(REQUIREMENTS))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    let is_installed = is_installed(folder);
    if !is_installed {
        // Apart from the author's packages: where one line has digests, pip wants them of all, and a folder has none.
        if folder.join(TOOLS).is_file() {
            run(command().args(pip).args(["-r", TOOLS]), output)?;
        }
    }
    if own.any && (!is_installed || own.local) {
        run(command().args(pip).args(["-r", REQUIREMENTS]), output)?;
    }
    if !is_installed {
        // Its build backend is among the requirements.
        let sdk = ["--no-deps", "--no-build-isolation", "--force-reinstall", "./sdk"];
        run(command().args(pip).args(sdk), output)?;
        let stamp = folder.join(STAMP);
        fs::write(&stamp, "").map_err(Error::unwritten(&stamp))?;
    }
    let file = Path::new(ENVIRONMENT).join("plugin.wasm");
    run(command().args(["-m", "wellhead_plugin.build", "plugin"]).arg(&file), output)?;
    let file = folder.join(file);
    let component = fs::read(&file).map_err(Error::unread(&file))?;
    fs::remove_file(&file).map_err(Error::unwritten(&file))?;
    Ok(Built { name, component, about })
}

/// What the manifest says, as [`MANIFEST`] prints it.
fn about(folder: &Path, printed: &str) -> Result<About, Error> {
    serde_json::from_str(printed).map_err(|error| Error::Project {
        folder: folder.to_owned(),
        why: format!("its pyproject.toml is read in an unknown way: {error}"),
        hint: "give pyproject.toml a name, a version and a description, all texts".to_owned(),
    })
}

/// What a file of requirements asks for.
struct Requirements {
    /// Whether it asks for anything: pip takes a file that does not for a mistake.
    any: bool,
    /// Whether a folder or a file is among it, which may have changed since it was installed.
    local: bool,
}

impl Requirements {
    fn read(file: &Path) -> Result<Self, Error> {
        let text = match fs::read_to_string(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            text => text.map_err(Error::unread(file))?,
        };
        let lines =
            || text.lines().map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#'));
        // `-e ../shared` is another way to write it.
        let place = |line: &str| line.trim_start_matches("-e ").trim_start().to_owned();
        let is_local = |it: String| it.starts_with(['.', '/']) || it.contains("file:");
        Ok(Self { any: lines().next().is_some(), local: lines().map(place).any(is_local) })
    }
}

/// The Python of the project's environment, which is made where there is none.
fn environment(folder: &Path, output: Output) -> Result<PathBuf, Error> {
    let python = absolute(folder)?.join(PYTHON_OF_PROJECT);
    let check = |what, program: &OsStr, arguments: &[&str], minimum, install| {
        Requirement { what, program, arguments, minimum, install, folder }.check()
    };
    if !python.exists() {
        let system = OsStr::new("python3");
        check("Python", system, &["--version"], PYTHON, INSTALL)?;
        check("Python's venv", system, &["-m", "ensurepip", "--version"], PIP, VENV)?;
        let mut venv = Command::new(system);
        run(venv.current_dir(folder).args(["-m", "venv", "--clear", ENVIRONMENT]), output)?;
    }
    let anew = "remove the folder .venv, which is created again by the next build";
    check("the project's Python (.venv)", python.as_os_str(), &["--version"], PYTHON, anew)?;
    Ok(python)
}

/// A relative program is looked for in another folder than the command's on some systems.
fn absolute(folder: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(folder).map_err(Error::unread(folder))
}

/// Whether the environment has what the project asks for, and the SDK as it is.
fn is_installed(folder: &Path) -> bool {
    let modified = |file: &Path| -> io::Result<_> { file.metadata()?.modified() };
    let Ok(installed) = modified(&folder.join(STAMP)) else { return false };
    let Ok(sdk) = fs::read_dir(folder.join("sdk/wellhead_plugin")) else { return false };
    sdk.map_while(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|it| it == "py"))
        .chain([TOOLS, REQUIREMENTS].map(|it| folder.join(it)).into_iter().filter(|it| it.exists()))
        .all(|file| modified(&file).is_ok_and(|changed| changed <= installed))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn a_broken_environment_is_told_from_a_missing_one() {
        let folder = tempfile::tempdir().unwrap();
        let python = folder.path().join(PYTHON_OF_PROJECT);
        fs::create_dir_all(python.parent().unwrap()).unwrap();
        fs::write(&python, "not a program").unwrap();
        let Err(Error::Broken { what, install, .. }) =
            environment(folder.path(), Output::OnFailure)
        else {
            panic!("it is not broken")
        };
        assert!(what.contains(".venv") && install.contains("remove"), "{what}: {install}");
    }

    #[test]
    fn an_environment_is_filled_anew_when_the_sdk_or_the_requirements_changed() {
        let folder = tempfile::tempdir().unwrap();
        let write = |file: &str, seconds: u64| {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            fs::File::create(path).unwrap().set_modified(time).unwrap();
        };
        write("requirements.txt", 1);
        write("sdk/wellhead_plugin/log.py", 1);
        assert!(!is_installed(folder.path()));
        write(STAMP, 2);
        assert!(is_installed(folder.path()));
        for file in ["requirements.txt", "requirements-build.txt", "sdk/wellhead_plugin/log.py"] {
            write(file, 3);
            assert!(!is_installed(folder.path()), "{file}");
            write(file, 1);
        }
    }

    #[test]
    fn folders_among_the_requirements_are_told_from_packages() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("requirements.txt");
        let read = || {
            let it = Requirements::read(&file).unwrap();
            (it.any, it.local)
        };
        assert_eq!(read(), (false, false));
        for (text, expected) in [
            ("# nothing\n\n", (false, false)),
            ("semver==3.0.4\n", (true, false)),
            ("semver\n  ../shared  # ours\n", (true, true)),
            ("-e ./vendor/shared\n", (true, true)),
            ("shared @ file:///opt/shared\n", (true, true)),
        ] {
            fs::write(&file, text).unwrap();
            assert_eq!(read(), expected, "{text}");
        }
    }
}

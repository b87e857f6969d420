//! Plugins in C: clang and wasi-libc make a core module, which does not describe its world;
//! [`world`](crate::component::world) does.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::component::world;
use crate::requirement::{Requirement, Version};
use crate::run::{read, run};
use crate::{About, Built, Error, Output, Project};

/// The SDK in a project.
const SDK: &str = "sdk";
/// Folders with the project's own files. Those of the SDK follow.
const SOURCES: [&str; 2] = [".", "src"];
const SDK_SOURCES: [&str; 3] = ["sdk/src", "sdk/bindings", "sdk/third_party/yyjson"];
/// A library that has functions for nothing but memory and text. A small stack makes each call
/// cheaper, because the host zeroes it every time; at the start of memory, its overflow is a trap.
const ARGUMENTS: [&str; 12] = [
    "--target=wasm32-wasi",
    "-mexec-model=reactor",
    "-std=c11",
    "-O2",
    "-Wall",
    "-Wextra",
    "-ffunction-sections",
    "-fdata-sections",
    "-Isdk/include",
    "-DYYJSON_DISABLE_WRITER=1",
    "-DYYJSON_DISABLE_FAST_FP_CONV=1",
    "-Wl,-z,stack-size=32768,--stack-first,--gc-sections",
];
/// Debug information would make the component three times as large.
const STRIP: &str = "-Wl,--strip-debug";
/// The author's own flags, e.g. `-g`, with which a crash tells source lines.
const FLAGS: &str = "CFLAGS";
const INSTALL: &str = "install it: `apt-get install clang lld wasi-libc libclang-rt-dev-wasm32`, `brew install llvm lld \
                       wasi-libc wasi-runtimes`, or unpack wasi-sdk and set WASI_SDK_PATH";
/// Debian's packages: compiler, linker, C library, and what compiled code calls.
pub const PACKAGES: [&str; 4] = ["clang", "lld", "wasi-libc", "libclang-rt-dev-wasm32"];
/// Oldest clang that was tried.
const MINIMUM: Version = Version(14, 0, 0);

/// Builds a project.
pub(crate) fn build(project: &Project, output: Output) -> Result<Built, Error> {
    let folder = project.folder();
    let wit = folder.join(SDK).join("wit");
    if !wit.is_dir() {
        return Err(Error::Project {
            folder: folder.to_owned(),
            why: "it has no SDK in the folder `sdk`".to_owned(),
            hint: "make it by `wellhead plugin new NAME --lang c`, or copy `sdk` from a project that has it".to_owned(),
        });
    }
    check(folder)?;
    let scratch = tempfile::tempdir().map_err(Error::unwritten(folder))?;
    let module = scratch.path().join("plugin.wasm");
    let mut command = Command::new(clang());
    command
        .current_dir(folder)
        .args(ARGUMENTS)
        .args(renamed(folder))
        .args(flags())
        .arg("-o")
        .arg(&module)
        .args(sources(folder)?);
    run(&mut command, output)?;
    let bytes = fs::read(&module).map_err(Error::unread(&module))?;
    refuse_wasi(&bytes, folder)?;
    let component = world::encode(&bytes, &wit)
        .map_err(|source| Error::Encode { path: folder.to_owned(), source })?;
    Ok(Built { name: name(folder)?, component, about: About::default() })
}

/// Names for the folders of the machine that debug information and `__FILE__` would tell: one source makes the same bytes
/// in every folder.
fn renamed(folder: &Path) -> Vec<OsString> {
    let sdk = env::var_os("WASI_SDK_PATH").map(|it| (PathBuf::from(it), "/wasi-sdk"));
    let project = folder.canonicalize().ok().map(|it| (it, "/plugin"));
    let option = |(folder, name): (PathBuf, &str)| {
        let mut option = OsString::from("-ffile-prefix-map=");
        option.push(folder);
        option.push("=");
        option.push(name);
        option
    };
    sdk.into_iter().chain(project).map(option).collect()
}

/// The author's flags, and what the linker leaves out unless they ask for it.
fn flags() -> Vec<String> {
    let flags = env::var(FLAGS).unwrap_or_default();
    let mut flags: Vec<String> = flags.split_whitespace().map(str::to_owned).collect();
    if !flags.iter().any(|flag| flag.starts_with("-g")) {
        flags.push(STRIP.to_owned());
    }
    flags
}

/// The compiler: that of wasi-sdk where there is one, else clang.
fn clang() -> OsString {
    env::var_os("WASI_SDK_PATH")
        .map_or_else(|| "clang".into(), |sdk| Path::new(&sdk).join("bin/clang").into_os_string())
}

/// Checks that the compiler is there with its linker and libraries, which are packages of their own.
///
/// # Errors
/// One of them is missing, too old or broken.
pub fn check(folder: &Path) -> Result<(), Error> {
    let clang = &clang();
    let requirement = Requirement {
        what: "clang",
        program: clang,
        arguments: &["--version"],
        minimum: MINIMUM,
        install: INSTALL,
        folder,
    };
    requirement.check()?;
    for (what, question) in [
        ("wasm-ld, clang's linker for WebAssembly,", "-print-prog-name=wasm-ld"),
        ("wasi-libc, a C library for WebAssembly,", "-print-file-name=crt1-reactor.o"),
        ("clang's runtime library for WebAssembly", "-print-libgcc-file-name"),
    ] {
        let mut command = Command::new(clang);
        let answer = read(command.current_dir(folder).args([ARGUMENTS[0], question]))?;
        // What clang does not find, it names without a folder, or as where it would be.
        if !Path::new(&answer).is_absolute() || !Path::new(&answer).exists() {
            let why = format!("clang looks for {answer}");
            return Err(Error::Missing { what, why, install: INSTALL.to_owned() });
        }
    }
    Ok(())
}

/// Every file to compile, in the same order on every machine.
fn sources(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut sources = Vec::new();
    for below in SOURCES.iter().chain(&SDK_SOURCES) {
        let path = folder.join(below);
        if !path.is_dir() {
            continue;
        }
        let entries = fs::read_dir(&path).map_err(Error::unread(&path))?;
        let names = entries.map(|entry| entry.map(|entry| entry.file_name()));
        let mut names: Vec<OsString> =
            names.collect::<Result<_, _>>().map_err(Error::unread(&path))?;
        names.sort();
        let names = names.into_iter().map(PathBuf::from);
        let is_source = |name: &PathBuf| name.extension().is_some_and(|it| it == "c");
        let below = below.strip_prefix('.').unwrap_or(below);
        sources.extend(names.filter(is_source).map(|name| Path::new(below).join(name)));
    }
    Ok(sources)
}

/// The stub would answer what is left of WASI, without effect. An author wants to know.
fn refuse_wasi(module: &[u8], folder: &Path) -> Result<(), Error> {
    let left = world::wasi_imports(module)
        .map_err(|source| Error::Encode { path: folder.to_owned(), source })?;
    if left.is_empty() {
        return Ok(());
    }
    Err(Error::Project {
        folder: folder.to_owned(),
        why: format!(
            "its C library calls {} of the operating system, and there is none",
            left.join(", ")
        ),
        hint: "remove printf, assert, time, files and environment; `wh_log_info` writes a log line"
            .to_owned(),
    })
}

/// The folder's name: C has no file that names a project.
fn name(folder: &Path) -> Result<String, Error> {
    let folder = folder.canonicalize().map_err(Error::unread(folder))?;
    Ok(folder.file_name().unwrap_or_default().to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_without_its_sdk_says_where_to_get_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("plugin.c"), "").unwrap();
        let project = Project::open(folder.path(), None).unwrap();
        let error = project.build(Output::OnFailure, &[]).unwrap_err();
        assert_eq!(error.facts(), ["it has no SDK in the folder `sdk`"]);
    }

    #[test]
    fn every_source_is_compiled_in_one_order() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("src")).unwrap();
        fs::create_dir_all(folder.path().join("sdk/src")).unwrap();
        for file in ["plugin.c", "b.c", "README.md", "src/x.c", "sdk/src/text.c"] {
            fs::write(folder.path().join(file), "").unwrap();
        }
        let found = sources(folder.path()).unwrap();
        assert_eq!(found, ["b.c", "plugin.c", "src/x.c", "sdk/src/text.c"].map(PathBuf::from));
    }
}

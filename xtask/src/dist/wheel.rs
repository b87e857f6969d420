//! The wheel of Python: the command, and a module that calls it.
//!
//! <https://packaging.python.org/en/latest/specifications/binary-distribution-format/>

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::files::{File, LEVEL};
use super::package::{Package, REPOSITORY};
use super::payload::Payload;

/// The sources of the module.
const MODULE: [(&str, &str); 3] = [
    ("wellhead/__init__.py", include_str!("python/wellhead/__init__.py")),
    ("wellhead/__main__.py", include_str!("python/wellhead/__main__.py")),
    // Tells type checkers that the module has types.
    ("wellhead/py.typed", ""),
];

/// Builds it: `wellhead-VERSION-py3-none-PLATFORM.whl`.
pub(super) fn package(payload: &Payload) -> Result<Package, String> {
    let platform = platform(payload);
    let name = format!("wellhead-{}-py3-none-{platform}.whl", payload.version);
    let bytes = zip(&files(payload, &platform))
        .map_err(|error| format!("cannot archive {name}: {error}"))?;
    Ok(Package { name, bytes })
}

/// Where the wheel installs: with the C library that the binary needs, and anywhere if it needs none.
/// <https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/>
fn platform(payload: &Payload) -> String {
    let machine = payload.target.machine;
    if payload.needs.is_static() {
        format!("manylinux_2_17_{machine}.musllinux_1_1_{machine}")
    } else {
        format!("manylinux_2_{}_{machine}", payload.needs.glibc)
    }
}

fn files(payload: &Payload, platform: &str) -> Vec<File> {
    let version = &payload.version;
    let info = |name: &str| format!("wellhead-{version}.dist-info/{name}");
    let mut files: Vec<_> =
        MODULE.into_iter().map(|(path, source)| File::data(path, source)).collect();
    let scripts = format!("wellhead-{version}.data/scripts");
    files.push(File::program(format!("{scripts}/wellhead"), payload.binary.as_slice()));
    files.push(File::data(info("METADATA"), metadata(payload)));
    let tags = platform.split('.').map(|it| format!("Tag: py3-none-{it}\n"));
    let wheel = "Wheel-Version: 1.0\nGenerator: wellhead-xtask\nRoot-Is-Purelib: false\n";
    files.push(File::data(info("WHEEL"), wheel.to_owned() + &tags.collect::<String>()));
    files.push(File::data(info("licenses/LICENSE"), payload.document("LICENSE")));
    let mut record = String::new();
    for file in &files {
        let sum = URL_SAFE_NO_PAD.encode(Sha256::digest(file.bytes()));
        let _ = writeln!(record, "{},sha256={sum},{}", file.path, file.bytes().len());
    }
    let _ = writeln!(record, "{},,", info("RECORD"));
    files.push(File::data(info("RECORD"), record));
    files
}

fn metadata(payload: &Payload) -> String {
    let readme = String::from_utf8_lossy(payload.document("README.md")).into_owned();
    format!(
        "Metadata-Version: 2.4\n\
         Name: wellhead\n\
         Version: {}\n\
         Summary: A WebAssembly plugin host for stateful pipelines on Kubernetes\n\
         License-Expression: Apache-2.0\n\
         License-File: LICENSE\n\
         Project-URL: Source, {REPOSITORY}\n\
         Requires-Python: >=3.9\n\
         Description-Content-Type: text/markdown\n\
         \n\
         {readme}",
        payload.version
    )
}

/// A zip archive of these files, whose times are the oldest that zip can write.
fn zip(files: &[File]) -> zip::result::ZipResult<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL.level().into()))
            .last_modified_time(DateTime::default())
            .unix_permissions(file.mode);
        writer.start_file(&file.path, options)?;
        writer.write_all(file.bytes())?;
    }
    Ok(writer.finish()?.into_inner())
}

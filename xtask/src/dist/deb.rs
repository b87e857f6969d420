//! The package of Debian and Ubuntu.
//!
//! <https://manpages.debian.org/bookworm/dpkg-dev/deb.5.en.html>

use std::fmt::Write as _;

use ar::{Builder, Header};

use super::files::{File, gzip, tar};
use super::package::{Package, REPOSITORY};
use super::payload::Payload;

/// Builds it: `wellhead_VERSION_ARCH.deb`.
pub(super) fn package(payload: &Payload) -> Result<Package, String> {
    let name = format!("wellhead_{}_{}.deb", payload.version, payload.target.arch);
    let files = files(payload)?;
    // dpkg makes the sums of the files itself where a package has none.
    let control = [File::data("control", control(payload, &files))];
    let mut archive = Builder::new(Vec::new());
    for (member, bytes) in [
        ("debian-binary", b"2.0\n".to_vec()),
        ("control.tar.gz", gzip(&tar(&control, "./", payload.epoch)?)?),
        ("data.tar.gz", gzip(&tar(&files, "./", payload.epoch)?)?),
    ] {
        let size = bytes.len().try_into().unwrap_or(u64::MAX);
        let mut header = Header::new(member.into(), size);
        header.set_mode(0o100_644);
        header.set_mtime(payload.epoch);
        archive
            .append(&header, &bytes[..])
            .map_err(|error| format!("cannot archive {member} of {name}: {error}"))?;
    }
    let bytes =
        archive.into_inner().map_err(|error| format!("cannot end the archive {name}: {error}"))?;
    Ok(Package { name, bytes })
}

/// Where the policy of Debian has each file.
fn files(payload: &Payload) -> Result<Vec<File>, String> {
    let [bash, zsh, fish] = &payload.completions;
    let share = |path: &str, bytes: &[u8]| File::data(format!("usr/share/{path}"), bytes);
    let mut files = vec![
        File::program("usr/bin/wellhead", payload.binary.as_slice()),
        File::link("usr/bin/kubectl-wellhead", "wellhead"),
        File::link("usr/bin/kubectl_complete-wellhead", "wellhead"),
        share("bash-completion/completions/wellhead", bash),
        share("zsh/vendor-completions/_wellhead", zsh),
        share("fish/vendor_completions.d/wellhead.fish", fish),
        share("doc/wellhead/copyright", payload.document("LICENSE")),
        share("doc/wellhead/README.md", payload.document("README.md")),
        share("doc/wellhead/changelog.gz", &gzip(payload.document("CHANGELOG.md"))?),
    ];
    for page in &payload.manual {
        files.push(share(&format!("man/man1/{}.gz", page.path), &gzip(page.bytes())?));
    }
    Ok(files)
}

fn control(payload: &Payload, files: &[File]) -> String {
    let kibibytes: usize = files.iter().map(|it| it.bytes().len().div_ceil(1024)).sum();
    let mut depends = String::new();
    if !payload.needs.is_static() {
        let _ = write!(depends, "Depends: libc6 (>= 2.{})", payload.needs.glibc);
        if payload.needs.libraries.contains("libgcc_s.so.1") {
            depends += ", libgcc-s1";
        }
        depends += "\n";
    }
    format!(
        "Package: wellhead\n\
         Version: {}\n\
         Architecture: {}\n\
         Maintainer: Wellhead <{REPOSITORY}/issues>\n\
         Installed-Size: {kibibytes}\n\
         {depends}\
         Recommends: ca-certificates\n\
         Section: admin\n\
         Priority: optional\n\
         Homepage: {REPOSITORY}\n\
         Description: plugin host for stateful workloads on Kubernetes\n \
         Wellhead deploys stateful workloads from specs that sandboxed WebAssembly\n \
         plugins customize, and never loses data on the way.\n",
        payload.version, payload.target.arch,
    )
}

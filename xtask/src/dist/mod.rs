//! `cargo xtask dist`: the packages by which the command reaches its users, the same bytes each time.

mod build;
mod check;
mod deb;
mod elf;
mod files;
mod image;
mod package;
mod payload;
mod sbom;
mod tarball;
mod wheel;

use std::fs;
use std::path::{Path, PathBuf};

use package::{Package, failed, sha256};
use payload::Payload;

/// Arguments of `cargo xtask dist`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to build for: `x86_64` or `aarch64`, with `-unknown-linux-gnu` or `-unknown-linux-musl`. Only a binary of musl is
    /// static, and becomes an image, too. Default: what this machine runs.
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Packages this binary instead of a new one. It must run here, since it writes its own manual pages.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// The folder of the packages.
    #[arg(long, value_name = "DIR", default_value = "target/dist")]
    output_dir: PathBuf,
    /// Puts the plugins of this repository into the image, below `/usr/share/wellhead/plugins`.
    #[arg(long)]
    plugins: bool,
}

/// Builds the command, packages it, and installs each package in a clean place.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let target = args.target.clone().unwrap_or_else(|| build::HOST.to_owned());
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => build::run(&target)?,
    };
    let payload = Payload::read(&binary, &target)?;
    let plugins = if args.plugins { build::plugins()? } else { Vec::new() };
    let packages = packages(&payload, &plugins)?;
    write(&args.output_dir, &packages)?;
    for package in &packages {
        println!(
            "{:>11} bytes  {}",
            package.bytes.len(),
            args.output_dir.join(&package.name).display()
        );
    }
    for installed in check::all(&args.output_dir, &packages, &payload)? {
        println!("{installed}");
    }
    Ok(())
}

/// Every package of a build; one for an image where the command needs no libraries.
fn packages(payload: &Payload, plugins: &[files::File]) -> Result<Vec<Package>, String> {
    let archive = tarball::archive(payload)?;
    let mut packages = vec![
        tarball::krew(payload, &archive),
        archive,
        deb::package(payload)?,
        wheel::package(payload)?,
        sbom::package(payload)?,
    ];
    if payload.needs.is_static() {
        packages.push(image::package(payload, plugins)?);
    }
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    packages.push(sums(&packages));
    Ok(packages)
}

/// What `sha256sum --check` reads.
fn sums(packages: &[Package]) -> Package {
    let lines = packages.iter().map(|it| format!("{}  {}\n", sha256(&it.bytes), it.name));
    Package { name: "SHA256SUMS".to_owned(), bytes: lines.collect::<String>().into_bytes() }
}

fn write(folder: &Path, packages: &[Package]) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(failed("create", folder))?;
    for package in packages {
        let path = folder.join(&package.name);
        fs::write(&path, &package.bytes).map_err(failed("write", &path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::process::Command;

    use wellhead_harness::target_dir;

    use super::build::HOST;
    use super::elf::Needs;
    use super::files::File;
    use super::payload::{Payload, Target};
    use super::{check, image, packages, write};

    /// The command of this build without its tables for debuggers, which are most of it.
    fn binary(folder: &std::path::Path) -> PathBuf {
        let built = target_dir().join("debug/wellhead");
        assert!(built.is_file(), "build it first: cargo build --workspace --bin wellhead --locked");
        let stripped = folder.join("wellhead");
        let mut strip = Command::new("strip");
        let status = strip.arg("--strip-debug").arg("-o").arg(&stripped).arg(built).status();
        assert!(status.unwrap().success());
        stripped
    }

    /// What was built, as far as packages look at it.
    fn payload(manual: &[&str]) -> Payload {
        let page = |name: &&str| File::data(*name, *name);
        Payload {
            version: "1.2.3".to_owned(),
            target: Target::new("aarch64-unknown-linux-musl").unwrap(),
            epoch: 1_700_000_000,
            binary: b"binary".to_vec(),
            needs: Needs::default(),
            manual: manual.iter().map(page).collect(),
            completions: ["bash", "zsh", "fish"].map(|it| it.as_bytes().to_vec()),
            documents: ["LICENSE", "README.md", "CHANGELOG.md"].iter().map(page).collect(),
        }
    }

    #[test]
    fn the_same_build_is_the_same_bytes() {
        let digests = |manual: &[&str]| {
            let plugins = [File::data("usr/share/wellhead/plugins/a.wasm", "a")];
            let packages = packages(&payload(manual), &plugins).unwrap();
            let sums = packages.last().unwrap();
            assert_eq!(packages.len(), 7, "an image, too, of a static binary");
            String::from_utf8(sums.bytes.clone()).unwrap()
        };
        let first = digests(&["wellhead.1", "wellhead-plan.1"]);
        assert_eq!(first, digests(&["wellhead-plan.1", "wellhead.1"]));
        assert_ne!(first, digests(&["wellhead.1"]));
        assert!(first.contains("  wellhead_1.2.3_arm64.deb\n"), "{first}");
        assert!(first.contains("-py3-none-manylinux_2_17_aarch64.musllinux_1_1_aarch64.whl\n"));
    }

    #[test]
    fn every_package_installs_in_a_clean_place_and_the_command_runs_there() {
        let folder = tempfile::tempdir().unwrap();
        let payload = Payload::read(&binary(folder.path()), HOST).unwrap();
        let mut packages = packages(&payload, &[]).unwrap();
        // The image of a binary that needs libraries is nothing to ship, but the same code makes it.
        packages.push(image::package(&payload, &[File::data("plugins/a.wasm", "a")]).unwrap());
        let output = folder.path().join("dist");
        write(&output, &packages).unwrap();
        let installed = check::all(&output, &packages, &payload).unwrap();
        assert_eq!(installed.len(), 5, "{installed:#?}");
        let names: Vec<_> = packages.iter().map(|it| it.name.as_str()).collect();
        assert!(names.contains(&"wellhead.yaml"), "{names:?}");
    }
}

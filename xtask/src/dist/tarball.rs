//! The archive: everything in one folder, for people, `cargo binstall` and krew; and the manifest that krew reads.

use super::files::{File, gzip, tar};
use super::package::{Package, REPOSITORY, sha256};
use super::payload::Payload;

/// Builds it. Every file is below a folder of the archive's name.
pub(super) fn archive(payload: &Payload) -> Result<Package, String> {
    let stem = payload.stem();
    let [bash, zsh, fish] = &payload.completions;
    let mut files = payload.documents.clone();
    files.push(File::program("wellhead", payload.binary.as_slice()));
    files.push(File::data("completions/wellhead.bash", bash.as_slice()));
    files.push(File::data("completions/_wellhead", zsh.as_slice()));
    files.push(File::data("completions/wellhead.fish", fish.as_slice()));
    files.extend(payload.manual.iter().map(|it| it.below("man")));
    let files: Vec<_> = files.iter().map(|it| it.below(&stem)).collect();
    let bytes = gzip(&tar(&files, "", payload.epoch)?)?;
    Ok(Package { name: format!("{stem}.tar.gz"), bytes })
}

/// The manifest for krew, the plugin manager of kubectl: it says where the archive is, and its digest.
/// <https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/>
pub(super) fn krew(payload: &Payload, archive: &Package) -> Package {
    let (version, stem, arch) = (&payload.version, payload.stem(), payload.target.arch);
    let text = format!(
        "apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: wellhead
spec:
  version: v{version}
  homepage: {REPOSITORY}
  shortDescription: Deploy stateful workloads with sandboxed plugins
  description: |
    Deploys stateful workloads from specs that sandboxed WebAssembly plugins
    customize, and never loses data on the way.
  caveats: |
    kubectl completes `kubectl wellhead` where a link of the plugin is on PATH:
      ln -s \"$(which kubectl-wellhead)\" ~/.local/bin/kubectl_complete-wellhead
  platforms:
    - selector:
        matchLabels:
          os: linux
          arch: {arch}
      uri: {REPOSITORY}/releases/download/v{version}/{name}
      sha256: {sha256}
      bin: kubectl-wellhead
      files:
        - from: {stem}/wellhead
          to: kubectl-wellhead
        - from: {stem}/LICENSE
          to: .
",
        name = archive.name,
        sha256 = sha256(&archive.bytes),
    );
    Package { name: "wellhead.yaml".to_owned(), bytes: text.into_bytes() }
}

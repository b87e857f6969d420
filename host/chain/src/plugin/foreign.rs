//! Files that are no plugin: what they are, and how one gets from there to a plugin.

use std::path::Path;

use wasmparser::{Parser, Payload};

/// What a file seems to be by its first bytes, and what to do with it.
pub(crate) fn kind(bytes: &[u8]) -> (&'static str, Option<&'static str>) {
    /// First bytes, ASCII letters in lower case, the kind, and what to do.
    const KINDS: [(&[u8], &str, Option<&str>); 14] = [
        (b"\x7felf", "an ELF file, perhaps compiled code", Some(COMPONENT)),
        (b"\x1f\x8b", "compressed with gzip", Some("unpack it: `gzip -dc FILE > plugin.wasm`")),
        (b"\x28\xb5\x2f\xfd", "compressed with zstd", Some("unpack it: `zstd -d FILE`")),
        (b"\xfd7zxz\0", "compressed with xz", Some("unpack it: `xz -dc FILE > plugin.wasm`")),
        (b"pk\x03\x04", "a ZIP archive", Some("unpack it: `unzip FILE`")),
        (
            b"version https://git-lfs.github.com/spec/",
            "a pointer of Git LFS",
            Some("fetch what it points to: `git lfs pull`"),
        ),
        (b"<!doctype html", "a web page", Some(ITSELF)),
        (b"<html", "a web page", Some(ITSELF)),
        (b"<?xml", "XML", Some(ITSELF)),
        (
            b"{",
            "JSON, perhaps the manifest of a registry",
            Some("fetch its layer: `oras pull IMAGE`"),
        ),
        (b"(", TEXT, Some(PARSE)),
        (b";;", TEXT, Some(PARSE)),
        (b"mz", "a program for Windows", Some(COMPONENT)),
        (b"#!", "a script", Some(COMPONENT)),
    ];
    const COMPONENT: &str =
        "name the component itself; `wellhead plugin build` makes one from a project";
    const ITSELF: &str = "fetch the file itself, not the page that shows it or asks for a login";
    const TEXT: &str = "WebAssembly text, not its binary form";
    const PARSE: &str = "`wasm-tools parse FILE -o plugin.wasm` makes the binary form";
    /// Where a tar archive says that it is one.
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06>
    const TAR: std::ops::Range<usize> = 257..262;

    if bytes.is_empty() {
        return ("empty", Some("build it or fetch it again"));
    }
    if bytes.get(TAR) == Some(b"ustar") {
        return ("a tar archive", Some("unpack it: `tar -xf FILE`"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let found = KINDS.iter().find(|(first, ..)| {
        bytes.get(..first.len()).is_some_and(|it| it.eq_ignore_ascii_case(first))
    });
    found.map_or(("of an unknown kind", None), |(_, kind, hint)| (kind, *hint))
}

/// The host for which a core module is made, by what it imports; `None` where nothing tells. It reads no
/// further than the imports, and few of them.
pub(crate) fn host(module: &[u8]) -> Option<&'static str> {
    /// Imports that are looked at.
    const IMPORTS: usize = 1_000;
    /// The module and the name of an import, `*` for any rest, and whose it is. The first that fits decides:
    /// modules of many hosts import WASI, too.
    const HOSTS: [(&str, &str, &str); 12] = [
        ("extism:host/*", "*", "Extism, as the plugins of Helm 4 are"),
        ("wapc", "*", "waPC, as the policies of Kubewarden are"),
        ("env", "opa_*", "Open Policy Agent"),
        ("env", "proxy_*", "a proxy (Proxy-Wasm)"),
        ("env", "emscripten_*", "JavaScript (Emscripten)"),
        ("__wbindgen*", "*", "JavaScript (wasm-bindgen)"),
        ("wbg", "*", "JavaScript (wasm-bindgen)"),
        ("gojs", "*", "JavaScript (Go's `js` target)"),
        ("go", "*", "JavaScript (Go's `js` target)"),
        ("spin*", "*", "Spin"),
        ("wasi_snapshot_preview1", "*", WASI),
        ("wasi_unstable", "*", WASI),
    ];
    /// A module with this was built against the contract, whatever else it imports.
    const OURS: &str = "wellhead:";
    const WASI: &str = "WASI, as commands are";
    let mut imports = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload.ok()? {
            Payload::ImportSection(section) => {
                let group = section.into_imports().take(IMPORTS).map_while(Result::ok);
                imports.extend(group.map(|import| (import.module, import.name)));
                break;
            }
            Payload::FunctionSection(_) | Payload::CodeSectionStart { .. } => break,
            _ => {}
        }
    }
    if imports.iter().any(|(module, _)| module.starts_with(OURS)) {
        return None;
    }
    let is = |text: &str, pattern: &str| match pattern.strip_suffix('*') {
        Some(begin) => text.starts_with(begin),
        None => text == pattern,
    };
    let fits = |module, name| imports.iter().any(|it| is(it.0, module) && is(it.1, name));
    HOSTS.iter().find(|(module, name, _)| fits(module, name)).map(|(_, _, host)| *host)
}

/// The rest of a sentence that says of a plugin that it is a core module.
pub(crate) fn made_for(host: Option<&str>) -> String {
    host.map_or_else(
        || ", and a plugin is a component".to_owned(),
        |host| format!(" that is made for another host: {host}"),
    )
}

/// How one gets from a core module to a plugin.
pub(crate) fn way_out(host: Option<&str>) -> &'static str {
    match host {
        Some(_) => {
            "no tool makes a plugin of it: build one against the contract; `wellhead plugin new NAME` \
             begins it"
        }
        None => "turn the module into a component, e.g. with `wasm-tools component new`",
    }
}

/// What to do where the file of a plugin is missing.
pub(crate) fn missing(path: &Path) -> String {
    let path = path.to_string_lossy();
    let scheme = path.find(":/").map(|colon| {
        let begin = path[..colon].rfind(['/', '\\']).map_or(0, |at| at + 1);
        (&path[begin..colon], path[colon + 2..].trim_start_matches('/'))
    });
    match scheme {
        // A drive of Windows is one letter.
        Some(("file", rest)) => format!("a `source` is a path, without `file://`: `/{rest}`"),
        Some((scheme, rest)) if scheme.len() > 1 => {
            let fetch = match scheme {
                "http" | "https" => format!("curl -fLO '{scheme}://{rest}'"),
                _ => format!("oras pull {rest}"),
            };
            format!("a `source` is a file: fetch it first, e.g. `{fetch}`, and name the file")
        }
        _ if path.contains('\\') && !cfg!(windows) => {
            format!("parts of a path are separated by `/`: `{}`", path.replace('\\', "/"))
        }
        _ if is_reference(&path) => format!(
            "a `source` is a file: fetch it first, e.g. `oras pull {path}`, and name the file"
        ),
        _ => "a `source` is a path relative to the customization's file".to_owned(),
    }
}

/// Whether a path looks like one in a registry: `ghcr.io/acme/plugin:1.0`.
fn is_reference(path: &str) -> bool {
    let Some((registry, rest)) = path.split_once('/') else { return false };
    let host = registry.contains('.') && registry.starts_with(|c: char| c.is_ascii_alphanumeric());
    host && rest.rsplit('/').next().is_some_and(|it| it.contains([':', '@']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_kinds_are_recognized() {
        let mut archive = vec![b'x'; 257];
        archive.extend(b"ustar\0");
        for (bytes, seems, hint) in [
            (&b""[..], "empty", "build it or fetch it again"),
            (b"\x7fELF\x02", "an ELF file, perhaps compiled code", "name the component"),
            (b"\x1f\x8b\x08", "compressed with gzip", "gzip -dc"),
            (b"\x28\xb5\x2f\xfd\0", "compressed with zstd", "zstd -d"),
            (b"PK\x03\x04", "a ZIP archive", "unzip"),
            (
                b"version https://git-lfs.github.com/spec/v1\noid",
                "a pointer of Git LFS",
                "git lfs pull",
            ),
            (b"\n<!DOCTYPE html>", "a web page", "fetch the file itself"),
            (b"<HTML>", "a web page", "fetch the file itself"),
            (b"{\"schemaVersion\": 2}", "JSON, perhaps the manifest of a registry", "oras pull"),
            (b"(component)", "WebAssembly text, not its binary form", "wasm-tools parse"),
            (b";; a\n(module)", "WebAssembly text, not its binary form", "wasm-tools parse"),
            (b"MZ\x90", "a program for Windows", "name the component"),
            (&archive, "a tar archive", "tar -xf"),
        ] {
            let found = kind(bytes);
            assert_eq!(found.0, seems);
            assert!(found.1.is_some_and(|it| it.contains(hint)), "{found:?}");
        }
        assert_eq!(kind(b"hello"), ("of an unknown kind", None));
    }

    /// A module that imports one function.
    fn module(from: &str, name: &str) -> Vec<u8> {
        let mut section = vec![1];
        for text in [from, name] {
            section.push(u8::try_from(text.len()).unwrap());
            section.extend(text.bytes());
        }
        section.extend([0, 0]);
        let mut module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02".to_vec();
        module.push(u8::try_from(section.len()).unwrap());
        module.extend(section);
        module
    }

    #[test]
    fn a_core_module_tells_its_host_by_its_imports() {
        for (from, name, owner) in [
            ("extism:host/env", "input_length", Some("Extism")),
            ("wapc", "__guest_request", Some("waPC")),
            ("env", "opa_abort", Some("Open Policy Agent")),
            ("env", "proxy_log", Some("a proxy")),
            ("__wbindgen_placeholder__", "x", Some("JavaScript (wasm-bindgen)")),
            ("gojs", "runtime.wasmExit", Some("JavaScript (Go")),
            ("wasi_snapshot_preview1", "proc_exit", Some("WASI")),
            ("wellhead:plugin/log@0.1.0", "log", None),
            ("env", "memory", None),
            ("google", "x", None),
        ] {
            let found = host(&module(from, name));
            assert_eq!(found.is_some(), owner.is_some(), "{from}");
            assert!(found.unwrap_or_default().starts_with(owner.unwrap_or_default()), "{found:?}");
        }
        assert_eq!(host(b"\0asm\x01\0\0\0\x02\xff\xff"), None);
        assert_eq!(host(b"\0asm\x01\0\0\0"), None);
    }

    #[test]
    fn a_source_that_is_no_path_is_told_as_what_it_is() {
        for (path, hint) in [
            ("oci://ghcr.io/acme/p:1.0", "`oras pull ghcr.io/acme/p:1.0`"),
            ("conf/oci://ghcr.io/acme/p:1.0", "`oras pull ghcr.io/acme/p:1.0`"),
            ("/srv/conf/https://x.example/p.wasm", "`curl -fLO 'https://x.example/p.wasm'`"),
            ("registry://ghcr.io/acme/p", "`oras pull ghcr.io/acme/p`"),
            ("file:///opt/p.wasm", "`/opt/p.wasm`"),
            ("ghcr.io/acme/p:1.0", "`oras pull ghcr.io/acme/p:1.0`"),
            ("plugins/p.wasm", "relative to the customization's file"),
            ("../a.b/p.wasm", "relative to the customization's file"),
        ] {
            assert!(
                missing(Path::new(path)).contains(hint),
                "{path}: {}",
                missing(Path::new(path))
            );
        }
        #[cfg(unix)]
        assert!(missing(Path::new(r"plugins\p.wasm")).contains("`plugins/p.wasm`"));
    }
}

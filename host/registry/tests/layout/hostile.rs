//! Files that try to write elsewhere, to fill memory, or to be another file for another reader.

use std::io::{Seek as _, Write as _};

use serde_json::{Value, json};
use tar::EntryType;
use wellhead_diagnostics::Code;
use wellhead_registry::Layout;

use super::{Member, Setup, brought_by, digest, members, tar};

/// How a good file is changed, what it is refused with, and what the message says.
type Case = (&'static str, Box<dyn Fn(&mut Vec<Member>)>, Code, &'static str);

fn case(
    name: &'static str,
    change: impl Fn(&mut Vec<Member>) + 'static,
    says: &'static str,
) -> Case {
    (name, Box::new(change), Code::InvalidLayout, says)
}

/// Changes the list.
fn index(change: impl Fn(&mut Value) + 'static) -> impl Fn(&mut Vec<Member>) + 'static {
    move |all| {
        let mut index: Value = serde_json::from_slice(&all[1].content).unwrap();
        change(&mut index);
        all[1].content = index.to_string().into_bytes();
    }
}

fn one_more(member: &Member) -> impl Fn(&mut Vec<Member>) + use<> {
    let member = member.clone();
    move |all| all.insert(0, member.clone())
}

fn attributes(text: &str) -> Member {
    let length = (text.len() + 4).to_string().len() + text.len() + 2;
    let content = format!("{length} {text}\n").into_bytes();
    Member { content, ..Member::of_kind("x", EntryType::XHeader) }
}

fn members_of_a_tar() -> Vec<Case> {
    let not_part = "is not part of an image layout";
    let neither = "is neither a regular file nor a folder";
    let name = |name: &str| one_more(&Member::file(name, "x"));
    let kind = |kind: EntryType| one_more(&Member::of_kind("blobs/sha256/x", kind));
    let plain = Member::file("x", "").name;
    vec![
        case("a path that leads up", name("../../etc/passwd"), not_part),
        case("a path that leads up within", name("blobs/sha256/../../x"), not_part),
        case("an absolute path", name("/etc/passwd"), not_part),
        case("a short digest", name("blobs/sha256/abc"), not_part),
        case("a digest of another kind", name("blobs/sha512/abc"), not_part),
        case("a name in another case", name("INDEX.JSON"), not_part),
        case("a name of control characters", name("\u{1b}[31m"), "\\u{1b}[31m"),
        case("no name", name(""), not_part),
        case("another file", one_more(&Member::file(&plain, "x")), not_part),
        case("a symbolic link", kind(EntryType::Symlink), neither),
        case("a hard link", kind(EntryType::Link), neither),
        case("a device", kind(EntryType::Char), neither),
        case("a block device", kind(EntryType::Block), neither),
        case("a pipe", kind(EntryType::Fifo), neither),
        case("a sparse file", kind(EntryType::GNUSparse), neither),
        case("a long name", kind(EntryType::GNULongName), neither),
        case("a long link", kind(EntryType::GNULongLink), neither),
        case("an unknown kind", kind(EntryType::new(b'Z')), neither),
        case(
            "a folder with content",
            one_more(&Member {
                content: vec![0; 512],
                ..Member::of_kind("blobs/", EntryType::Directory)
            }),
            neither,
        ),
        case("attributes with a path", one_more(&attributes("path=index.json")), "set its `path`"),
        case("attributes with a size", one_more(&attributes("size=1")), "set its `size`"),
        case("attributes of a sparse file", one_more(&attributes("GNU.sparse.major=1")), "set its"),
        case(
            "attributes that are none",
            one_more(&Member { content: b"nothing".to_vec(), ..attributes("a=b") }),
            "it cannot be read",
        ),
        case("a content twice", |all| all.push(all[2].clone()), "is there twice"),
        case("the list twice", |all| all.push(all[1].clone()), "is there twice"),
        (
            "a content with another digest",
            Box::new(|all| all[3].content.push(b' ')),
            Code::WrongContent,
            "has the digest",
        ),
        (
            "ten thousand contents",
            Box::new(|all| all.extend((0..10_000).map(|it: u32| Member::blob(it.to_le_bytes())))),
            Code::ContentTooLarge,
            "more than 10000 members",
        ),
        (
            "long attributes",
            Box::new(one_more(&Member { content: vec![b'x'; 70_000], ..attributes("a=b") })),
            Code::ContentTooLarge,
            "have 70000 bytes",
        ),
    ]
}

fn lists() -> Vec<Case> {
    let first =
        |key: &'static str, value: Value| index(move |it| it["manifests"][0][key] = value.clone());
    vec![
        case("no layout", |all| drop(all.remove(0)), "it has no `oci-layout`"),
        case("no list", |all| drop(all.remove(1)), "it has no `index.json`"),
        case(
            "another layout",
            |all| all[0].content = br#"{"imageLayoutVersion":"2.0.0"}"#.to_vec(),
            "version 2.0.0",
        ),
        case(
            "a layout of no JSON",
            |all| all[0].content = b"{".to_vec(),
            "`oci-layout` cannot be read",
        ),
        case(
            "a list of no JSON",
            |all| all[1].content = b"[".to_vec(),
            "`index.json` cannot be read",
        ),
        case(
            "a list of another version",
            index(|it| it["schemaVersion"] = json!(1)),
            "not an image index",
        ),
        case(
            "a list of another kind",
            index(|it| it["mediaType"] = json!("x")),
            "not an image index",
        ),
        case(
            "a list with a key twice",
            |all| {
                let text = String::from_utf8_lossy(&all[1].content).replacen(
                    '{',
                    r#"{"manifests":[],"#,
                    1,
                );
                all[1].content = text.into_bytes();
            },
            "twice",
        ),
        case("an empty list", index(|it| it["manifests"] = json!([])), "it has no plugin"),
        case(
            "three thousand manifests",
            index(|it| it["manifests"] = vec![it["manifests"][0].clone(); 3_000].into()),
            "`index.json` cannot be read",
        ),
        (
            "a list of two MiB",
            Box::new(|all| all[1].content.resize(2 << 20, b' ')),
            Code::ContentTooLarge,
            "may have 1048576",
        ),
        case("another size", first("size", json!(1)), "says that sha256:"),
        case("a negative size", first("size", json!(-1)), "cannot be read"),
        case("a digest that is a path", first("digest", json!("sha256:../../x")), "cannot be read"),
        case("what is not there", first("digest", json!(digest(b"x"))), "it does not have sha256:"),
        case(
            "no component",
            |all| all.retain(|it| !it.content.starts_with(b"component")),
            "does not have",
        ),
        case(
            "no config",
            |all| all.retain(|it| !it.content.starts_with(br#"{"created"#)),
            "does not have",
        ),
    ]
}

/// Each file is refused for its own reason, and the store stays empty.
#[test]
fn a_file_with_something_else_in_it_is_refused() {
    let (it, bytes) = Setup::one();
    let good = members(&bytes);
    assert!(brought_by(it.folder.path(), &tar(&good)).is_ok());
    std::fs::remove_dir_all(it.path("other")).unwrap();
    for (name, change, code, says) in members_of_a_tar().into_iter().chain(lists()) {
        let mut all = good.clone();
        change(&mut all);
        let error = brought_by(it.folder.path(), &tar(&all)).map(|_| name).unwrap_err();
        assert_eq!(error.code, code, "{name}: {error}");
        assert!(error.message.contains(says), "{name}: {error}");
        assert!(
            error.message.starts_with(&it.path("plugins.tar").display().to_string()),
            "{error}"
        );
        assert!(error.message.chars().all(|it| matches!(it, ' '..='~')), "{name}: {error}");
    }
    assert!(!it.path("other").exists(), "nothing is brought by any of them");
}

#[test]
fn a_file_of_another_kind_says_what_it_is() {
    let (it, bytes) = Setup::one();
    for (start, says) in [
        (&b"\x1f\x8b\x08"[..], "it is compressed"),
        (b"\x28\xb5\x2f\xfd", "it is compressed"),
        (b"PK\x03\x04", "it is not a tar"),
        (b"", "it has no `oci-layout`"),
    ] {
        let mut other = bytes.clone();
        other.truncate(if start.is_empty() { 0 } else { other.len() });
        other.iter_mut().zip(start).for_each(|(it, byte)| *it = *byte);
        let error = brought_by(it.folder.path(), &other).unwrap_err();
        assert!(error.code == Code::InvalidLayout && error.message.contains(says), "{error}");
    }
    // What a reader says of a header that is not one quotes it.
    let mut other = bytes.clone();
    let second = 2 * 512;
    other[second] = 0xff;
    other[second + 148..second + 156].fill(b'x');
    let error = brought_by(it.folder.path(), &other).unwrap_err();
    assert!(error.message.chars().all(|it| matches!(it, ' '..='~')), "{error}");
    let error = Layout::open(it.folder.path()).unwrap_err();
    assert!(error.message.contains("not a regular file"), "{error}");
}

/// A file that ends anywhere before its end is refused: only zeros may be missing.
#[test]
fn a_file_that_ends_early_is_refused() {
    let (it, bytes) = Setup::one();
    let content = bytes.len() - 1024;
    for length in (0..content).step_by(256) {
        assert!(brought_by(it.folder.path(), &bytes[..length]).is_err(), "{length}");
    }
    for length in [content, content + 512] {
        assert!(brought_by(it.folder.path(), &bytes[..length]).is_ok(), "{length}");
    }
}

#[test]
fn nothing_hides_between_members_or_behind_them() {
    let (it, bytes) = Setup::one();
    let another = [&bytes[..], &bytes[..]].concat();
    let mut gap = bytes.clone();
    // The layout's file has 30 bytes of a block.
    gap[512 + 100] = b'x';
    let mut late = bytes.clone();
    late.resize(late.len() + 10_000, 0);
    assert!(brought_by(it.folder.path(), &late).is_ok(), "programs fill the last block");
    late.push(1);
    for hidden in [another, gap, late] {
        let error = brought_by(it.folder.path(), &hidden).unwrap_err();
        assert!(error.message.contains("between its members or behind them"), "{error}");
    }
}

/// Sizes that no machine has: nothing is read into memory for them. The files have holes, and take no room.
#[test]
fn sizes_are_not_believed() {
    let (it, bytes) = Setup::one();
    let path = it.path("huge.tar");
    let refused = |header: &Member, size: u64, length: u64| {
        let mut file = std::fs::File::create(&path).unwrap();
        file.write_all(header.header(size).as_bytes()).unwrap();
        file.set_len(length).unwrap();
        Layout::open(&path).unwrap_err()
    };
    for size in [u64::MAX, u64::MAX - 511, 1 << 63, 1 << 40] {
        let error = refused(&Member::blob("x"), size, 4 << 10);
        assert_eq!(error.code, Code::InvalidLayout, "{size}: {error}");
    }
    let attributes = Member::of_kind("x", EntryType::XHeader);
    assert_eq!(refused(&attributes, 1 << 30, 2 << 30).code, Code::ContentTooLarge);
    let global = Member::of_kind("x", EntryType::XGlobalHeader);
    assert_eq!(refused(&global, 1 << 30, 2 << 30).code, Code::ContentTooLarge);
    let list = Member::file("index.json", "");
    let mut file = std::fs::File::create(&path).unwrap();
    let layout = members(&bytes)[0].clone();
    file.write_all(&tar(&[layout])[..1024]).unwrap();
    file.write_all(list.header(1 << 30).as_bytes()).unwrap();
    file.set_len((1 << 30) + 4096).unwrap();
    assert_eq!(Layout::open(&path).unwrap_err().code, Code::ContentTooLarge);
    // Zeros behind the end that never end.
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(&bytes).unwrap();
    file.set_len(1 << 40).unwrap();
    file.rewind().unwrap();
    let error = Layout::open(&path).unwrap_err();
    assert!(error.message.contains("something behind its end"), "{error}");
}

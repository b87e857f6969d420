//! Files that are whole.

use std::path::Path;

use serde_json::{Value, json};
use wellhead_diagnostics::Code;
use wellhead_harness::registry::writable::Habits;
use wellhead_registry::{Layout, SigningKey, Store, write_layout};

use super::{KEY, Member, Setup, brought, brought_by, digest, members, tar};

/// From registries that list referrers, and from those where clients keep the list.
#[test]
fn what_is_saved_comes_out_again_with_its_signatures() {
    for referrers in [true, false] {
        let it = Setup::new(Habits { referrers, ..Habits::default() });
        let sources = [it.publish("a", "0.1.0"), it.publish("b", "0.2.0")];
        let packed = sources.each_ref().map(|source| it.pack(source));
        let file = it.path("plugins.tar");
        std::fs::write(&file, it.saved(&packed)).unwrap();
        let asked = it.double.registry.asked().len();
        let key = SigningKey::from_pem(KEY.as_bytes()).unwrap().public();
        let mut brought = brought(&file, &it.store("other")).unwrap();
        brought.sort_by(|one, other| one.0.names.cmp(&other.0.names));
        for ((plugin, evidence, component), (packed, source)) in
            brought.iter().zip(packed.iter().zip(&sources))
        {
            assert_eq!(plugin.names.iter().collect::<Vec<_>>(), [source]);
            assert_eq!(plugin.manifest, packed.manifest);
            assert_eq!(evidence, &packed.signatures.evidence);
            assert_eq!(evidence.len(), 1);
            assert_eq!(evidence[0].check(&key, &plugin.manifest.digest), Ok(()));
            assert!(component.starts_with(b"component of "));
        }
        assert_eq!(brought.len(), 2);
        assert_eq!(it.double.registry.asked().len(), asked, "a file asks no registry");
        let path = it.store("other").path(&packed[0].manifest.component.digest, 20);
        assert_eq!(std::fs::read(path.unwrap()).unwrap(), b"component of a 0.1.0");
    }
}

#[test]
fn the_same_plugins_are_the_same_bytes() {
    let (it, bytes) = Setup::one();
    let [a, b] = [it.publish("a", "0.1.0"), it.publish("b", "0.1.0")];
    assert_eq!(it.saved(&[it.pack(&a)]), bytes);
    let both = it.saved(&[it.pack(&a), it.pack(&b)]);
    assert_eq!(it.saved(&[it.pack(&b), it.pack(&a), it.pack(&b)]), both);
    let names: Vec<String> = members(&bytes).into_iter().map(|it| it.name).collect();
    assert!(names[..2] == ["oci-layout", "index.json"] && names[2..].is_sorted(), "{names:?}");
    assert_eq!(names.len(), 2 + 6, "manifest, config, component; the signature's three");
}

/// A tag is what oras finds it by, as long as it is that of one plugin; the whole reference is there, too.
#[test]
fn plugins_are_listed_by_name() {
    let (it, _) = Setup::one();
    let [a, b] = [it.publish("a", "0.1.0"), it.publish("b", "0.1.0")];
    let listed = |bytes: &[u8]| -> Vec<[Option<String>; 2]> {
        let index: Value = serde_json::from_slice(&members(bytes)[1].content).unwrap();
        let manifests = index["manifests"].as_array().unwrap();
        let with_name = manifests.iter().filter(|it| it["annotations"].is_object());
        let name = |it: &Value, key: &str| it["annotations"][key].as_str().map(str::to_owned);
        let mut names: Vec<_> = with_name
            .map(|it| {
                ["org.opencontainers.image.ref.name", "io.containerd.image.name"]
                    .map(|key| name(it, key))
            })
            .collect();
        names.sort();
        names
    };
    let host = it.double.registry.host();
    let whole = |name: &str| Some(format!("{host}/acme/{name}:0.1.0"));
    assert_eq!(listed(&it.saved(&[it.pack(&a)])), [[Some("0.1.0".to_owned()), whole("a")]]);
    let both = listed(&it.saved(&[it.pack(&a), it.pack(&b)]));
    assert_eq!(both, [[whole("a"), whole("a")], [whole("b"), whole("b")]]);
}

#[test]
fn a_locked_manifest_is_saved_and_not_what_the_version_is_now() {
    let (it, bytes) = Setup::one();
    let source = it.publish("a", "0.1.0");
    let locked = it.pack(&source).manifest;
    let other = it.pack(&it.publish("b", "0.1.0")).manifest.digest;
    let again = it.client().pack(&source, Some(&locked.digest), &it.store("store")).unwrap();
    assert_eq!(it.saved(&[again]), bytes);
    let wrong = it.client().pack(&source, Some(&other), &it.store("store")).unwrap_err();
    assert_eq!(wrong.code, Code::NotInRegistry, "the digest is one of another repository");
}

/// A component that changed in the store is not saved, and the next run fetches it again.
#[test]
fn what_changed_in_the_store_is_not_saved() {
    let (it, bytes) = Setup::one();
    let source = it.publish("a", "0.1.0");
    let packed = it.pack(&source);
    let path = it.store("store").path(&packed.manifest.component.digest, 20).unwrap();
    std::fs::write(&path, b"component of a 0.1.1").unwrap();
    let error = write_layout(&[packed], &it.store("store"), &mut Vec::new()).unwrap_err();
    assert!(error.message.contains("is not what it was"), "{error}");
    assert!(!path.exists());
    assert_eq!(it.saved(&[it.pack(&source)]), bytes);
}

/// Whichever request fails, nothing is packed, and the same command ends well.
#[test]
fn a_save_that_failed_anywhere_goes_on() {
    let (it, bytes) = Setup::one();
    let source = it.publish("a", "0.1.0");
    let before = it.double.registry.asked().len();
    it.client().pack(&source, None, &it.store("counted")).unwrap();
    let requests = it.double.registry.asked().len() - before;
    assert!(requests > 6, "{requests}");
    for at in 0..requests {
        it.double.becomes(Habits { fails_from: Some(at), ..Habits::default() });
        let store = it.store(&format!("store-{at}"));
        let failed = it.client().pack(&source, None, &store).map(|_| at).unwrap_err();
        assert_eq!(failed.code, Code::RegistryFails, "request {at}: {failed}");
        it.double.becomes(Habits::default());
        let packed = it.client().pack(&source, None, &store).unwrap();
        let mut again = Vec::new();
        write_layout(&[packed], &store, &mut again).unwrap();
        assert!(again == bytes, "request {at}");
    }
}

/// What other programs put into a layout beside plugins: folders, `./` before names, attributes, artifacts of other kinds, and
/// the list of referrers under its tag.
#[test]
fn what_other_programs_write_is_read() {
    let (it, bytes) = Setup::one();
    let expected = brought_by(it.folder.path(), &bytes).unwrap();
    let mut all = members(&bytes);
    let mut index: Value = serde_json::from_slice(&all[1].content).unwrap();
    let image = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(b"{}"), "size": 2},
        "layers": []})
    .to_string();
    let kind = "application/vnd.oci.image.index.v1+json";
    let (plugin, signature) = {
        let listed = index["manifests"].as_array().unwrap();
        let is_plugin = |it: &&Value| it["annotations"].is_object();
        (
            listed.iter().find(is_plugin).unwrap().clone(),
            listed.iter().find(|it| !is_plugin(it)).unwrap().clone(),
        )
    };
    let list = json!({"schemaVersion": 2, "mediaType": kind, "manifests": [signature]}).to_string();
    let tag = plugin["digest"].as_str().unwrap().replace(':', "-");
    index["manifests"] = json!([
        {"mediaType": plugin["mediaType"], "digest": plugin["digest"], "size": plugin["size"],
            "annotations": plugin["annotations"]},
        {"mediaType": kind, "digest": digest(list.as_bytes()), "size": list.len(),
            "annotations": {"org.opencontainers.image.ref.name": tag}},
        {"mediaType": "x", "digest": digest(image.as_bytes()), "size": image.len()},
    ]);
    all[1].content = index.to_string().into_bytes();
    all.extend([Member::blob(list), Member::blob(image)]);
    for member in &mut all {
        member.name = format!("./{}", member.name);
    }
    let attributes = Member {
        content: b"30 mtime=1700000000.123456789\n".to_vec(),
        ..Member::of_kind("PaxHeaders/x", tar::EntryType::XHeader)
    };
    let folder = Member::of_kind("./blobs/", tar::EntryType::Directory);
    let all = [vec![folder, attributes], all].concat();
    assert_eq!(brought_by(it.folder.path(), &tar(&all)), Ok(expected));
    let layout = Layout::open(&it.path("plugins.tar")).unwrap();
    assert_eq!(layout.not_plugins(), 1);
}

/// What the real oras wrote: README.md has the commands.
#[test]
fn a_file_of_oras_is_read_with_its_signature() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/layout/oras-1.3.6.tar");
    let folder = tempfile::tempdir().unwrap();
    let brought = brought(Path::new(file), &Store::new(folder.path())).unwrap();
    let [(plugin, evidence, component)] = &brought[..] else { panic!("one plugin: {brought:?}") };
    assert_eq!(component, b"component");
    assert!(plugin.names.is_empty(), "oras writes a version alone");
    let key = SigningKey::from_pem(KEY.as_bytes()).unwrap().public();
    let [signature] = &evidence[..] else { panic!("one signature, no SBOM: {evidence:?}") };
    assert_eq!(signature.check(&key, &plugin.manifest.digest), Ok(()));
    assert_eq!(Layout::open(Path::new(file)).unwrap().not_plugins(), 0);
}

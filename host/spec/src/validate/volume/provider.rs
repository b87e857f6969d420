//! Rules of volumes of one storage system. Most of these kinds are deprecated for CSI drivers.
//! <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/core/validation/validation.go>,
//! `validateVolumeSource`.

use k8s_openapi::api::core::v1::{
    AzureDiskVolumeSource, FCVolumeSource, ISCSIVolumeSource, Volume,
};

use crate::text::Escaped as _;
use crate::validate::rule::{dns_label, in_range, one_of, refuse, required};
use crate::{FieldPath, Finding};

/// Partitions and logical units.
const BYTE: std::ops::RangeInclusive<i64> = 0..=255;
/// Longest tenant of Quobyte.
const TENANT_MAX: usize = 64;

pub(crate) fn check(at: &FieldPath, volume: &Volume, findings: &mut Vec<Finding>) {
    texts(at, volume, findings);
    secrets(at, volume, findings);
    let disk = volume.gce_persistent_disk.as_ref().and_then(|it| it.partition);
    let block = volume.aws_elastic_block_store.as_ref().and_then(|it| it.partition);
    for (kind, partition) in [("gcePersistentDisk", disk), ("awsElasticBlockStore", block)] {
        if let Some(it) = partition {
            in_range(&at.key(kind).key("partition"), i64::from(it), BYTE, findings);
        }
    }
    for (kind, none) in [
        ("rbd", volume.rbd.as_ref().is_some_and(|it| it.monitors.is_empty())),
        ("cephfs", volume.cephfs.as_ref().is_some_and(|it| it.monitors.is_empty())),
    ] {
        if none {
            refuse(&at.key(kind).key("monitors"), "there is no monitor", findings);
        }
    }
    if let Some(it) = &volume.iscsi {
        iscsi(&at.key("iscsi"), it, findings);
    }
    if let Some(it) = &volume.fc {
        fibre_channel(&at.key("fc"), it, findings);
    }
    if let Some(it) = &volume.azure_disk {
        azure_disk(&at.key("azureDisk"), it, findings);
    }
    if let Some(it) = &volume.quobyte {
        let at = at.key("quobyte");
        let pair = |it: &str| it.rsplit_once(':').is_some_and(|(host, _)| !host.contains(':'));
        if !it.registry.split(',').all(pair) {
            refuse(&at.key("registry"), "it is `HOST:PORT`, or several with `,`", findings);
        }
        if it.tenant.as_ref().is_some_and(|it| it.len() > TENANT_MAX) {
            refuse(&at.key("tenant"), "it has at most 64 characters", findings);
        }
    }
    if let Some(it) = &volume.flocker {
        let at = at.key("flocker");
        let name = it.dataset_name.as_deref().unwrap_or_default();
        let uuid = it.dataset_uuid.as_deref().unwrap_or_default();
        if name.is_empty() == uuid.is_empty() {
            refuse(&at, "it has one of `datasetName` and `datasetUUID`", findings);
        }
        if name.contains('/') {
            refuse(&at.key("datasetName"), "it has no `/`", findings);
        }
    }
    for (key, _) in volume.flex_volume.iter().flat_map(|it| it.options.iter().flatten()) {
        let domain = format!(".{}", key.split('/').next().unwrap_or_default().to_ascii_lowercase());
        if domain.ends_with(".kubernetes.io") || domain.ends_with(".k8s.io") {
            let at = at.key("flexVolume").key("options").key(key);
            refuse(&at, "the domain is reserved for Kubernetes", findings);
        }
    }
}

/// Texts that each kind must have.
fn texts(at: &FieldPath, volume: &Volume, findings: &mut Vec<Finding>) {
    let mut texts: Vec<(&str, &str, &str)> = Vec::new();
    let some = Option::as_deref;
    if let Some(it) = &volume.rbd {
        texts.push(("rbd", "image", &it.image));
    }
    if let Some(it) = &volume.azure_file {
        texts.push(("azureFile", "secretName", &it.secret_name));
        texts.push(("azureFile", "shareName", &it.share_name));
    }
    if let Some(it) = &volume.aws_elastic_block_store {
        texts.push(("awsElasticBlockStore", "volumeID", &it.volume_id));
    }
    if let Some(it) = &volume.gce_persistent_disk {
        texts.push(("gcePersistentDisk", "pdName", &it.pd_name));
    }
    if let Some(it) = &volume.glusterfs {
        texts.push(("glusterfs", "endpoints", &it.endpoints));
        texts.push(("glusterfs", "path", &it.path));
    }
    if let Some(it) = &volume.flex_volume {
        texts.push(("flexVolume", "driver", &it.driver));
    }
    if let Some(it) = &volume.cinder {
        texts.push(("cinder", "volumeID", &it.volume_id));
    }
    if let Some(it) = &volume.vsphere_volume {
        texts.push(("vsphereVolume", "volumePath", &it.volume_path));
    }
    if let Some(it) = &volume.portworx_volume {
        texts.push(("portworxVolume", "volumeID", &it.volume_id));
    }
    if let Some(it) = &volume.photon_persistent_disk {
        texts.push(("photonPersistentDisk", "pdID", &it.pd_id));
    }
    if let Some(it) = &volume.quobyte {
        texts.push(("quobyte", "volume", &it.volume));
    }
    if let Some(it) = &volume.scale_io {
        texts.push(("scaleIO", "gateway", &it.gateway));
        texts.push(("scaleIO", "system", &it.system));
        texts.push(("scaleIO", "volumeName", some(&it.volume_name).unwrap_or_default()));
    }
    for (kind, name, text) in texts {
        required(&at.key(kind).key(name), text, findings);
    }
    if let Some(it) = &volume.storageos {
        let at = at.key("storageos");
        let name = some(&it.volume_name).unwrap_or_default();
        dns_label(&at.key("volumeName"), name, "a volume name", findings);
        if let Some(name) = some(&it.volume_namespace).filter(|it| !it.is_empty()) {
            dns_label(&at.key("volumeNamespace"), name, "a namespace", findings);
        }
    }
}

/// Secrets that are named, but without a name.
fn secrets(at: &FieldPath, volume: &Volume, findings: &mut Vec<Finding>) {
    let cinder = volume.cinder.as_ref().and_then(|it| it.secret_ref.as_ref());
    let storage_os = volume.storageos.as_ref().and_then(|it| it.secret_ref.as_ref());
    for (kind, secret) in [("cinder", cinder), ("storageos", storage_os)] {
        if let Some(it) = secret {
            required(&at.key(kind).key("secretRef").key("name"), &it.name, findings);
        }
    }
}

fn iscsi(at: &FieldPath, it: &ISCSIVolumeSource, findings: &mut Vec<Finding>) {
    required(&at.key("targetPortal"), &it.target_portal, findings);
    in_range(&at.key("lun"), i64::from(it.lun), BYTE, findings);
    let names = [("iqn", Some(&it.iqn)), ("initiatorName", it.initiator_name.as_ref())];
    for (field, name) in names.into_iter().filter_map(|(field, it)| Some((field, it?))) {
        if !is_iscsi_name(name) {
            let message = format!("`{}` is not a name of iSCSI", name.escaped());
            refuse(&at.key(field), message, findings);
        }
    }
    let asks = it.chap_auth_discovery == Some(true) || it.chap_auth_session == Some(true);
    if asks && it.secret_ref.is_none() {
        refuse(&at.key("secretRef"), "CHAP needs a Secret", findings);
    }
}

/// <https://www.rfc-editor.org/rfc/rfc3720#section-3.2.6.3>
fn is_iscsi_name(name: &str) -> bool {
    let hex = |text: &str, lengths: &[usize]| {
        lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let Some((kind, rest)) = name.split_once('.') else { return false };
    match kind {
        "iqn" => {
            let bytes = rest.as_bytes();
            let digits = |from: &[u8]| from.iter().all(u8::is_ascii_digit);
            bytes.len() > 8
                && digits(&bytes[..4])
                && bytes[4] == b'-'
                && digits(&bytes[5..7])
                && bytes[7] == b'.'
                && bytes[8..].iter().all(|byte| {
                    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:".contains(byte)
                })
        }
        "eui" => hex(rest, &[16]),
        "naa" => hex(rest, &[16, 32]),
        _ => false,
    }
}

fn fibre_channel(at: &FieldPath, it: &FCVolumeSource, findings: &mut Vec<Finding>) {
    let none = |list: &Option<Vec<String>>| list.as_deref().unwrap_or_default().is_empty();
    if none(&it.target_wwns) == none(&it.wwids) {
        refuse(at, "it has one of `targetWWNs` and `wwids`", findings);
    }
    match it.lun {
        Some(lun) => in_range(&at.key("lun"), i64::from(lun), BYTE, findings),
        None if !none(&it.target_wwns) => {
            refuse(&at.key("lun"), "`targetWWNs` needs a `lun`", findings);
        }
        None => {}
    }
}

fn azure_disk(at: &FieldPath, it: &AzureDiskVolumeSource, findings: &mut Vec<Finding>) {
    required(&at.key("diskName"), &it.disk_name, findings);
    required(&at.key("diskURI"), &it.disk_uri, findings);
    let (modes, kinds) = (&["None", "ReadOnly", "ReadWrite"], &["Shared", "Dedicated", "Managed"]);
    one_of(&at.key("cachingMode"), it.caching_mode.as_deref(), modes, findings);
    one_of(&at.key("kind"), it.kind.as_deref(), kinds, findings);
    let start = if it.kind.as_deref() == Some("Managed") { "/subscriptions/" } else { "https://" };
    // Without a kind, the server takes the disk for a shared one.
    if !it.disk_uri.starts_with(start) {
        refuse(&at.key("diskURI"), format!("for this `kind`, it starts with `{start}`"), findings);
    }
}

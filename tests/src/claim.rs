//! The bytes behind a claim of a control plane.

use std::path::PathBuf;

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use kube::{Api, Client};
use wellhead_harness::Storage;

/// The volume that a claim is bound to.
///
/// # Errors
///
/// When there is no such claim, or it is not bound, or its volume is gone: the text says which.
pub async fn volume_of(
    client: &Client,
    namespace: &str,
    claim: &str,
) -> Result<PersistentVolume, String> {
    let claims: Api<PersistentVolumeClaim> = Api::namespaced(client.clone(), namespace);
    let found = claims.get(claim).await.map_err(|error| format!("claim {claim}: {error}"))?;
    let phase = found.status.and_then(|status| status.phase).unwrap_or_default();
    let volume = found.spec.and_then(|spec| spec.volume_name).unwrap_or_default();
    if phase != "Bound" || volume.is_empty() {
        return Err(format!("claim {claim} is {phase}"));
    }
    let volumes: Api<PersistentVolume> = Api::all(client.clone());
    volumes.get(&volume).await.map_err(|error| format!("volume {volume}: {error}"))
}

/// The folder with the bytes of a volume, whether a CSI driver of the control plane or the host-path
/// provisioner has made it.
pub fn folder_of(storage: &Storage, volume: &PersistentVolume) -> Option<PathBuf> {
    let spec = volume.spec.as_ref()?;
    if let Some(csi) = &spec.csi {
        return storage.volume(&csi.driver, &csi.volume_handle);
    }
    spec.host_path.as_ref().map(|host| PathBuf::from(&host.path))
}

/// The folder with the bytes that a claim's name leads to.
///
/// # Errors
///
/// As [`volume_of`], and when the volume is not a folder.
pub async fn folder_behind(
    client: &Client,
    storage: &Storage,
    namespace: &str,
    claim: &str,
) -> Result<PathBuf, String> {
    let volume = volume_of(client, namespace, claim).await?;
    folder_of(storage, &volume)
        .ok_or_else(|| format!("the volume of claim {claim} is not a folder"))
}

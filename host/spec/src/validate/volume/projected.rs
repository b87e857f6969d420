//! Rules of volumes that gather files from several sources.
//! <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/core/validation/validation.go>,
//! `validateProjectionSources`.

use std::collections::HashSet;

use k8s_openapi::api::core::v1::{
    ClusterTrustBundleProjection, PodCertificateProjection, ProjectedVolumeSource, VolumeProjection,
};
use wellhead_diagnostics::Code;

use crate::text::Escaped as _;
use crate::validate::path::file;
use crate::validate::rule::{in_range, one_of, refuse, required};
use crate::validate::{selector, volume};
use crate::values::label;
use crate::{FieldPath, Finding, ObjectName};

/// A token lives 10 minutes at least, and less than 2^32 seconds.
const TOKEN_SECONDS: std::ops::RangeInclusive<i64> = 600..=1 << 32;
/// A certificate lives an hour at least, and a day at most if Kubernetes signs it, else 91 days.
/// <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/certificates/types.go>
const CERTIFICATE_SECONDS: std::ops::RangeInclusive<i64> = 3_600..=86_400;
const KEY_TYPES: &[&str] =
    &["RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"];

pub(crate) fn check(
    at: &FieldPath,
    projected: &ProjectedVolumeSource,
    findings: &mut Vec<Finding>,
) {
    let mut seen = HashSet::new();
    for (index, source) in projected.sources.iter().flatten().enumerate() {
        let at = at.key("sources").index(index);
        one(&at, source, findings);
        for path in paths(source).into_iter().filter(|it| !it.is_empty()) {
            if !seen.insert(path) {
                let message = format!("two files are `{}`", path.escaped());
                findings.push(Finding::error(Code::DuplicateItem, at.clone(), message));
            }
        }
    }
}

/// The files of a source.
fn paths(source: &VolumeProjection) -> Vec<&str> {
    let secret = source.secret.iter().flat_map(|it| it.items.iter().flatten());
    let config = source.config_map.iter().flat_map(|it| it.items.iter().flatten());
    let fields = source.downward_api.iter().flat_map(|it| it.items.iter().flatten());
    let certificate = source.pod_certificate.iter().flat_map(certificate_paths);
    let bundle = source.cluster_trust_bundle.iter().map(|it| it.path.as_str());
    let token = source.service_account_token.iter().map(|it| it.path.as_str());
    let keys = secret.chain(config).map(|it| it.path.as_str());
    let all = keys.chain(fields.map(|it| it.path.as_str()));
    all.chain(certificate.map(|(_, path)| path)).chain(bundle).chain(token).collect()
}

fn one(at: &FieldPath, source: &VolumeProjection, findings: &mut Vec<Finding>) {
    let given = [
        source.secret.is_some(),
        source.config_map.is_some(),
        source.downward_api.is_some(),
        source.service_account_token.is_some(),
        source.cluster_trust_bundle.is_some(),
        source.pod_certificate.is_some(),
    ];
    if given.iter().filter(|it| **it).count() != 1 {
        refuse(at, "each item of `sources` is one source", findings);
    }
    let secret = source.secret.as_ref().map(|it| (&it.name, &it.items));
    let config = source.config_map.as_ref().map(|it| (&it.name, &it.items));
    for (field, reference) in [("secret", secret), ("configMap", config)] {
        let Some((name, items)) = reference else { continue };
        required(&at.key(field).key("name"), name, findings);
        volume::items(&at.key(field), items.as_deref(), findings);
    }
    if let Some(it) = &source.downward_api {
        volume::downward(&at.key("downwardAPI"), it.items.as_deref(), findings);
    }
    if let Some(it) = &source.service_account_token {
        let at = at.key("serviceAccountToken");
        file(&at.key("path"), &it.path, findings);
        if let Some(seconds) = it.expiration_seconds {
            in_range(&at.key("expirationSeconds"), seconds, TOKEN_SECONDS, findings);
        }
    }
    if let Some(it) = &source.cluster_trust_bundle {
        trust_bundle(&at.key("clusterTrustBundle"), it, findings);
    }
    if let Some(it) = &source.pod_certificate {
        certificate(&at.key("podCertificate"), it, findings);
    }
}

fn trust_bundle(at: &FieldPath, it: &ClusterTrustBundleProjection, findings: &mut Vec<Finding>) {
    file(&at.key("path"), &it.path, findings);
    match (&it.name, &it.signer_name) {
        (Some(name), None) => {
            // A bundle of a signer is named `<signer with : for />:<name>`.
            let plain = name.split(':').all(|part| ObjectName::new(part).is_ok());
            if !plain {
                let message = format!("`{}` is not the name of a bundle", name.escaped());
                refuse(&at.key("name"), message, findings);
            }
            if it.label_selector.is_some() {
                refuse(&at.key("labelSelector"), "a bundle with a name is not selected", findings);
            }
        }
        (None, Some(name)) => {
            signer(&at.key("signerName"), name, findings);
            selector::check(&at.key("labelSelector"), it.label_selector.as_ref(), findings);
        }
        _ => refuse(at, "a bundle is found by one of `name` and `signerName`", findings),
    }
}

/// `DOMAIN/PATH`. <https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#signers>
fn signer(at: &FieldPath, name: &str, findings: &mut Vec<Finding>) {
    let (domain, path) = name.split_once('/').unwrap_or_default();
    let good =
        domain.contains('.') && ObjectName::new(domain).is_ok() && ObjectName::new(path).is_ok();
    if !good {
        let message = format!("`{}` is not a signer", name.escaped());
        let finding = Finding::error(Code::InvalidValue, at.clone(), message);
        findings.push(finding.hint("a DNS name, `/` and a name, e.g. `example.com/signer`"));
    }
}

fn certificate_paths(it: &PodCertificateProjection) -> Vec<(&'static str, &str)> {
    let paths = [
        ("credentialBundlePath", &it.credential_bundle_path),
        ("keyPath", &it.key_path),
        ("certificateChainPath", &it.certificate_chain_path),
    ];
    let given = paths.into_iter().filter_map(|(field, path)| Some((field, path.as_deref()?)));
    given.filter(|(_, path)| !path.is_empty()).collect()
}

fn certificate(at: &FieldPath, it: &PodCertificateProjection, findings: &mut Vec<Finding>) {
    signer(&at.key("signerName"), &it.signer_name, findings);
    one_of(&at.key("keyType"), Some(&it.key_type), KEY_TYPES, findings);
    if let Some(seconds) = it.max_expiration_seconds {
        let at = at.key("maxExpirationSeconds");
        in_range(&at, i64::from(seconds), CERTIFICATE_SECONDS, findings);
    }
    let annotations = it.user_annotations.clone().unwrap_or_default();
    label::annotations(&at.key("userAnnotations"), &annotations, findings);
    let paths = certificate_paths(it);
    if paths.is_empty() {
        refuse(at, "no path says where the certificate or its key goes", findings);
    }
    for (field, path) in paths {
        file(&at.key(field), path, findings);
    }
}

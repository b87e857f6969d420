//! How many objects a pipeline becomes, and how large they are: what its parts multiply to.

use wellhead_diagnostics::Code;

use super::rule::field;
use crate::{Claim, Finding, Pipeline};

/// Most claims of all replicas. 10,000 replicas may have two each: more than clusters are built for
/// (<https://kubernetes.io/docs/setup/best-practices/cluster-large/>), and each takes the host some
/// kilobytes.
pub const MAX_CLAIMS: u64 = 20_000;
/// Most bytes of them. Two claims of 10,000 replicas with twenty labels each have 25 MB.
pub const MAX_CLAIM_BYTES: u64 = 32 << 20;

/// Claims up to which their size is not looked at: none is larger than what one file may have.
const FEW: u64 = 100;
/// Bytes of a claim besides what its spec says: its kind, its keys, the names and the recommended labels.
const FRAME: u64 = 512;

pub(super) fn check(pipeline: &Pipeline, findings: &mut Vec<Finding>) {
    let (replicas, claims) = (pipeline.replicas(), &pipeline.spec.claims);
    let times = u64::try_from(replicas).unwrap_or(0);
    let count = times.saturating_mul(claims.len() as u64);
    if count <= FEW {
        return;
    }
    let mut refuse = |message: String| {
        let finding = Finding::error(Code::TooManyObjects, field("claims"), message);
        findings.push(finding.hint("have fewer replicas or claims, or several pipelines"));
    };
    if count > MAX_CLAIMS {
        let each = claims.len();
        refuse(format!(
            "{replicas} replicas with {each} claims each have {count} claims; the maximum is {MAX_CLAIMS}"
        ));
        return;
    }
    let selector: usize =
        pipeline.selector().iter().map(|(key, value)| key.len() + value.len()).sum();
    let own = FRAME + selector as u64;
    let bytes = claims.iter().map(|claim| own + size(claim)).fold(0, u64::saturating_add);
    let bytes = bytes.saturating_mul(times);
    if bytes > MAX_CLAIM_BYTES {
        refuse(format!(
            "the claims of {replicas} replicas have {bytes} bytes; the maximum is {MAX_CLAIM_BYTES}"
        ));
    }
}

/// Bytes of a claim as JSON.
fn size(claim: &Claim) -> u64 {
    serde_json::to_vec(claim).map_or(u64::MAX, |json| json.len() as u64)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(replicas: u64, claims: u64, annotation: usize) -> Vec<String> {
        let claim = |at| {
            json!({
                "name": format!("c{at}"), "size": "1Gi", "mountPath": format!("/c{at}"),
                "annotations": {"a": "a".repeat(annotation)},
            })
        };
        let pipeline: Pipeline = serde_json::from_value(json!({
            "metadata": {"name": "db"},
            "spec": {
                "replicas": replicas,
                "containers": [{"name": "db", "image": "postgres:17"}],
                "claims": (0..claims).map(claim).collect::<Vec<Value>>(),
            },
        }))
        .unwrap();
        let mut findings = Vec::new();
        check(&pipeline, &mut findings);
        findings.into_iter().map(|it| it.message).collect()
    }

    #[test]
    fn claims_of_all_replicas_are_counted_together() {
        assert!(told(10_000, 2, 0).is_empty());
        assert_eq!(
            told(10_000, 3, 0),
            ["10000 replicas with 3 claims each have 30000 claims; the maximum is 20000"]
        );
        assert!(told(1, 10_000, 0).is_empty());
        assert_eq!(told(3, 10_000, 0).len(), 1);
    }

    #[test]
    fn long_values_are_counted_as_often_as_they_are_rendered() {
        assert!(told(100, 1, 200 << 10).is_empty());
        let told = told(200, 1, 200 << 10);
        assert!(told[0].starts_with("the claims of 200 replicas have 41"), "{told:?}");
    }
}

//! Keys of labels and annotations that others read and obey.

/// Domains whose labels and annotations make somebody act: Kubernetes itself, what owns, deletes or copies objects, backups,
/// and controllers that hand out secrets and cloud identities, attach networks, or put containers into pods.
const DOMAINS: &[&str] = &[
    "kubernetes.io",
    "k8s.io",
    "wellhead.dev",
    // Who owns the object, pauses it, or puts it back.
    "argoproj.io",
    "carvel.dev",
    "cattle.io",
    "crossplane.io",
    "fluxcd.io",
    "helm.sh",
    "k14s.io",
    "keel.sh",
    "kpt.dev",
    "kubevela.io",
    "oam.dev",
    "pulumi.com",
    "werf.io",
    // Who deletes it, scales it down, restarts it, or copies it elsewhere.
    "appscode.com",
    "chaos-mesh.org",
    "downscaler",
    "emberstack.com",
    "gatekeeper.sh",
    "janitor",
    "karpenter.sh",
    "kube-green.com",
    "kyverno.io",
    "litmuschaos.io",
    "mittwald.de",
    "rekuberate.io",
    "stakater.com",
    // Backups and drivers of storage: what they leave out is not there on the day when it is needed.
    "k8up.io",
    "kanister.io",
    "kasten.io",
    "libopenstorage.org",
    "longhorn.io",
    "portworx.io",
    "px",
    "velero.io",
    // Secrets and identities.
    "1password.com",
    "aadpodidentity",
    "akeyless.io",
    "amazonaws.com",
    "azure.com",
    "azure.workload.identity",
    "bank-vaults.io",
    "banzaicloud.com",
    "banzaicloud.io",
    "beyondtrust.com",
    "cert-manager.io",
    "conjur.org",
    "cyberark.com",
    "delinea.com",
    "doppler.com",
    "external-secrets.io",
    "gke.io",
    "google.com",
    "googleapis.com",
    "hashicorp.com",
    "infisical.com",
    "spiffe.io",
    // Networks and load balancers.
    "alibabacloud.com",
    "aliyun.com",
    "antrea.io",
    "cilium.io",
    "cloud.tencent.com",
    "cncf.io",
    "getambassador.io",
    "haproxy.com",
    "haproxy.org",
    "hetzner.cloud",
    "ibm.com",
    "istio.io",
    "konghq.com",
    "kube-vip.io",
    "kuma.io",
    "linkerd.io",
    "metallb.io",
    "metallb.universe.tf",
    "networkservicemesh.io",
    "nginx.com",
    "nginx.org",
    "openservicemesh.io",
    "openstack.org",
    "oraclecloud.com",
    "ovn.org",
    "projectcalico.org",
    "projectcontour.io",
    "solo.io",
    "submariner.io",
    "tailscale.com",
    "traefik.io",
    // Containers and their runtimes.
    "appdynamics.com",
    "aquasec.com",
    "dapr.io",
    "datadoghq.com",
    "dynatrace.com",
    "elastic.co",
    "gvisor.dev",
    "influxdata.com",
    "instana.io",
    "jaegertracing.io",
    "k8s.aws",
    "knative.dev",
    "kubevirt.io",
    "lacework.com",
    "newrelic.com",
    "openshift.io",
    "opentelemetry.io",
    "splunk.com",
    "sysdig.com",
    "tumblr.com",
];

/// Whether a key of labels or annotations belongs to Kubernetes or to Wellhead.
/// <https://kubernetes.io/docs/reference/labels-annotations-taints/>
pub(super) fn is_reserved(key: &str) -> bool {
    /// Recommended labels that say what a workload is, not whose it is.
    const FREE: [&str; 3] =
        ["app.kubernetes.io/component", "app.kubernetes.io/part-of", "app.kubernetes.io/version"];
    // Container runtimes read these, such as `io.kubernetes.cri-o.Devices`.
    if ["io.kubernetes.", "io.katacontainers.", "io.containerd.", "run.oci."]
        .iter()
        .any(|it| key.starts_with(it))
    {
        return true;
    }
    let Some((prefix, _)) = key.split_once('/') else { return false };
    let of = |domain: &&str| {
        let split =
            prefix.len().checked_sub(domain.len()).and_then(|at| prefix.split_at_checked(at));
        split.is_some_and(|(sub, end)| {
            end.eq_ignore_ascii_case(domain) && (sub.is_empty() || sub.ends_with('.'))
        })
    };
    DOMAINS.iter().any(of) && !FREE.contains(&key)
}

#[cfg(test)]
mod tests {
    use super::is_reserved;

    #[test]
    fn keys_of_others_are_reserved_in_every_domain_below_theirs() {
        for key in [
            "kubernetes.io/x",
            "app.kubernetes.io/managed-by",
            "cleanup.kyverno.io/ttl",
            "janitor/ttl",
            "downscaler/downtime-replicas",
            "kapp.k14s.io/app",
            "objectset.rio.cattle.io/id",
            "velero.io/exclude-from-backup",
            "pre.hook.backup.velero.io/command",
            "px/secret-name",
            "reflector.v1.k8s.emberstack.com/reflects",
            "oci.oraclecloud.com/load-balancer-type",
            "sidecar.jaegertracing.io/inject",
            "injector.tumblr.com/request",
            "ISTIO.io/rev",
            "io.kubernetes.cri-o.Devices",
        ] {
            assert!(is_reserved(key), "{key}");
        }
        for key in [
            "team",
            "janitor",
            "example.com/team",
            "notistio.io/x",
            "velero.io.example.com/x",
            "app.kubernetes.io/version",
            "prometheus.io/scrape",
        ] {
            assert!(!is_reserved(key), "{key}");
        }
    }
}

//! Annotations by which tools that prune leave a claim alone.
//!
//! Such a tool deletes what is no longer among the objects that it is given: the claim of a replica that is gone, or
//! every claim when the application is deleted. With a claim goes its volume. Each tool has its own word for "keep" and
//! passes over the words of the others, so that a claim carries all of them.

use std::collections::BTreeMap;

/// Argo CD's options of one object, separated by commas.
/// <https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/>
const ARGO_CD: &str = "argocd.argoproj.io/sync-options";
/// What keeps an object when it left its application, and when the application is deleted.
const ARGO_CD_KEEPS: [&str; 2] = ["Prune=false", "Delete=false"];
/// Options that may not say something else. `Force=true` deletes an object that cannot change, and creates it again.
const ARGO_CD_DELETES: [&str; 3] = ["Prune", "Delete", "Force"];

/// What every claim says to the other tools.
const KEEPS: [(&str, &str); 4] = [
    // kpt and whatever else is made with cli-utils:
    // <https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/common/common.go>
    ("client.lifecycle.config.k8s.io/deletion", "detach"),
    // <https://helm.sh/docs/howto/charts_tips_and_tricks/#tell-helm-not-to-uninstall-a-resource>
    ("helm.sh/resource-policy", "keep"),
    // <https://carvel.dev/kapp/docs/latest/apply/#kappk14siodelete-strategy>
    ("kapp.k14s.io/delete-strategy", "orphan"),
    // <https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources>
    ("kustomize.toolkit.fluxcd.io/prune", "disabled"),
];

/// Flux deletes an object that cannot change, and creates it again, where this says `enabled`. A claim that does not have
/// it gets none.
const FLUX_FORCE: (&str, &str) = ("kustomize.toolkit.fluxcd.io/force", "disabled");

/// What an annotation of a claim says, so that no tool deletes the claim; `None` where any value, or none, is as good.
/// `own` is what the pipeline says.
fn kept(key: &str, own: Option<&str>) -> Option<String> {
    if key == ARGO_CD {
        let is_other = |option: &&str| {
            let name = option.split('=').next().unwrap_or_default().trim();
            !name.is_empty() && !ARGO_CD_DELETES.contains(&name)
        };
        let others = own.unwrap_or_default().split(',').map(str::trim).filter(is_other);
        return Some(others.chain(ARGO_CD_KEEPS).collect::<Vec<_>>().join(","));
    }
    let forced = (key == FLUX_FORCE.0 && own.is_some()).then_some(FLUX_FORCE);
    let mut known = KEEPS.into_iter().chain(forced);
    known.find(|(name, _)| *name == key).map(|(_, value)| value.to_owned())
}

/// Puts what keeps a claim into its annotations. What they say beside that stays.
pub fn keep(annotations: &mut BTreeMap<String, String>) {
    let names = KEEPS.iter().map(|(name, _)| *name).chain([ARGO_CD, FLUX_FORCE.0]);
    for name in names {
        if let Some(value) = kept(name, annotations.get(name).map(String::as_str)) {
            annotations.insert(name.to_owned(), value);
        }
    }
}

/// Whether an annotation of a claim keeps it, whatever else it says.
pub fn keeps(key: &str) -> bool {
    kept(key, None).is_some()
}

/// What would be lost of an annotation that a pipeline asks for, because it would let a tool delete the claim.
pub(crate) fn overruled(key: &str, own: &str) -> Option<String> {
    let kept = kept(key, Some(own))?;
    let has = |option: &str| kept.split(',').any(|it| it == option);
    let lost: Vec<_> =
        own.split(',').map(str::trim).filter(|it| !it.is_empty() && !has(it)).collect();
    (!lost.is_empty()).then(|| lost.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(own: &[(&str, &str)]) -> BTreeMap<String, String> {
        let mut all =
            own.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        keep(&mut all);
        all
    }

    #[test]
    fn a_claim_says_keep_to_every_tool() {
        let all = of(&[("a", "b")]);
        let all: Vec<_> = all.iter().map(|(key, value)| format!("{key}: {value}")).collect();
        let want = [
            "a: b",
            "argocd.argoproj.io/sync-options: Prune=false,Delete=false",
            "client.lifecycle.config.k8s.io/deletion: detach",
            "helm.sh/resource-policy: keep",
            "kapp.k14s.io/delete-strategy: orphan",
            "kustomize.toolkit.fluxcd.io/prune: disabled",
        ];
        assert_eq!(all, want);
    }

    #[test]
    fn other_options_stay_and_those_that_delete_go() {
        for (own, want) in [
            ("ServerSideApply=true", "ServerSideApply=true,Prune=false,Delete=false"),
            (
                "Prune=false, SkipDryRunOnMissingResource=true",
                "SkipDryRunOnMissingResource=true,Prune=false,Delete=false",
            ),
            (
                "Prune=confirm,Delete=confirm,Force=true,Replace=true",
                "Replace=true,Prune=false,Delete=false",
            ),
            (" Prune = true ,,", "Prune=false,Delete=false"),
        ] {
            let all = of(&[(ARGO_CD, own)]);
            assert_eq!(all[ARGO_CD], want);
            let again = of(&[(ARGO_CD, want)]);
            assert_eq!(again, all, "it is the same when it is done again");
        }
        assert_eq!(of(&[(FLUX_FORCE.0, "enabled")])[FLUX_FORCE.0], "disabled");
        assert_eq!(of(&[("helm.sh/resource-policy", "")])["helm.sh/resource-policy"], "keep");
    }

    #[test]
    fn what_is_lost_is_named() {
        assert_eq!(overruled(ARGO_CD, "Prune=false,Replace=true"), None);
        assert_eq!(overruled(ARGO_CD, "Prune=true, Force=true").unwrap(), "Prune=true,Force=true");
        assert_eq!(overruled("helm.sh/resource-policy", "delete").unwrap(), "delete");
        assert_eq!(overruled(FLUX_FORCE.0, "disabled"), None);
        assert_eq!(overruled("a", "b"), None);
    }
}

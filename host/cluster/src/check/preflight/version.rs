//! Servers that are older than what Wellhead builds on.

use k8s_openapi::apimachinery::pkg::version::Info;
use wellhead_diagnostics::Code;

use crate::model::error::Problem;

/// The oldest minor version that has everything on by default: strict validation by the server
/// (<https://kubernetes.io/blog/2023/04/24/openapi-v3-field-validation-ga/>) and the retention policy of claims
/// (<https://kubernetes.io/blog/2023/05/04/kubernetes-1-27-statefulset-pvc-auto-deletion-beta/>).
const OLDEST: (u32, u32) = (1, 27);

/// A warning when the server is older. Providers write the minor version as `27+`.
pub(super) fn judge(version: &Info) -> Option<Problem> {
    let number =
        |text: &str| text.trim_end_matches(|c: char| !c.is_ascii_digit()).parse::<u32>().ok();
    let (major, minor) = (number(&version.major)?, number(&version.minor)?);
    let (oldest, since) = OLDEST;
    ((major, minor) < OLDEST).then(|| {
        let what = format!("the API server is {major}.{minor}, older than {oldest}.{since}");
        Problem::new(Code::OldServer, what)
            .why(
                "it may drop persistentVolumeClaimRetentionPolicy and check fields less strictly, \
                 so that a plan shows less than is wrong",
            )
            .hint(format!("upgrade the cluster to {oldest}.{since} or later"))
    })
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::version::Info;

    use super::{Code, judge};

    #[test]
    fn an_old_server_is_told_and_what_is_no_number_is_not_judged() {
        let says = |major: &str, minor: &str| {
            let (major, minor) = (major.to_owned(), minor.to_owned());
            judge(&Info { major, minor, ..Info::default() }).map(|it| (it.code, it.what))
        };
        assert_eq!(says("1", "36"), None);
        assert_eq!(says("1", "27+"), None);
        assert_eq!(says("2", "0"), None);
        let old = (Code::OldServer, "the API server is 1.26, older than 1.27".to_owned());
        assert_eq!(says("1", "26+"), Some(old));
        assert_eq!(says("", ""), None);
    }
}

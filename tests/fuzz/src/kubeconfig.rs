//! Kubeconfigs: whatever stands in one, it is taken or refused with what to do about it.

use wellhead_diagnostics::Code;

/// Checks a text twice: what is said depends on nothing else.
pub(crate) fn run(data: &[u8]) {
    let checked = wellhead_cluster::check_kubeconfig(data);
    if let Err(problems) = &checked {
        assert!(!problems.is_empty(), "what is refused has a reason");
        for problem in problems {
            assert_eq!(problem.code, Code::NoClusterConfig);
            assert!(!problem.hints.is_empty(), "{problem:?}");
        }
    }
    assert_eq!(checked, wellhead_cluster::check_kubeconfig(data));
}

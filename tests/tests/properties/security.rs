//! Security settings.

use serde_json::json;

use crate::menu::{Json, menu, object, only};

pub(crate) fn seccomp() -> Json {
    menu(
        json!([{"type": "RuntimeDefault"}, {"type": "Unconfined"}, {"type": "Localhost", "localhostProfile": "a/b.json"}]),
        json!([{"type": "Localhost"}, {"type": "Unconfined", "localhostProfile": "a"}, {"type": "Localhost", "localhostProfile": "../a"},
            {"type": "Localhost", "localhostProfile": "/a"}, {"type": ""}, {"type": "runtime/default"}]),
    )
}

pub(crate) fn app_armor() -> Json {
    menu(
        json!([{"type": "RuntimeDefault"}, {"type": "Unconfined"}, {"type": "Localhost", "localhostProfile": "profile"}]),
        json!([{"type": "Localhost"}, {"type": "Localhost", "localhostProfile": ""}, {"type": "Localhost", "localhostProfile": " a"},
            {"type": "RuntimeDefault", "localhostProfile": "a"}, {"type": "x"}]),
    )
}

pub(crate) fn identity() -> Json {
    menu(json!([0, 1, 1000, i32::MAX]), json!([-1, 2_147_483_648_i64]))
}

pub(crate) fn security_context() -> Json {
    let words =
        || only(json!([["ALL"], ["NET_ADMIN", "CHOWN"], [], ["CAP_SYS_ADMIN"], ["nonsense"]]));
    object(vec![
        ("runAsUser", 30, identity()),
        ("runAsGroup", 30, identity()),
        ("runAsNonRoot", 30, only(json!([true, false]))),
        ("privileged", 6, only(json!([true, false]))),
        ("allowPrivilegeEscalation", 20, only(json!([true, true, true, false]))),
        ("readOnlyRootFilesystem", 20, only(json!([true, false]))),
        ("capabilities", 30, object(vec![("add", 30, words()), ("drop", 50, words())])),
        ("procMount", 4, menu(json!(["Default"]), json!(["Unmasked", "x"]))),
        ("seccompProfile", 30, seccomp()),
        ("appArmorProfile", 10, app_armor()),
        ("seLinuxOptions", 10, only(json!([{}, {"level": "s0:c1,c2"}, {"user": "", "role": "x"}]))),
        ("windowsOptions", 2, windows()),
    ])
}

pub(crate) fn windows() -> Json {
    only(json!([
        {"runAsUserName": "ContainerUser"}, {"runAsUserName": ""}, {"runAsUserName": "a\\b\\c"}, {"runAsUserName": "DOMAIN\\user"},
        {"gmsaCredentialSpecName": "a.b"}, {"gmsaCredentialSpecName": "A"}, {"gmsaCredentialSpec": ""}, {"hostProcess": false},
        {"hostProcess": true}, {"runAsUserName": "a@b"}, {"runAsUserName": "..."},
    ]))
}

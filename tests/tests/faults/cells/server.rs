//! Parts of the control plane die, stop, or run out of something.

use std::io::{Read as _, Write as _};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use kube::api::{DeleteParams, PostParams};
use serde_json::json;
use wellhead_harness::{ControlPlane, Fault, Part, PartState, Proxy};

use super::tenant::tenant;
use super::{APPLY, settled};
use crate::bed::{Case, block_on, own_control_plane, typed};
use crate::operation::Operation::{self, Install, Upgrade};
use crate::state::State;

/// A control plane that cases break one after the other, with everything running.
pub(super) fn breakable() -> MutexGuard<'static, ControlPlane> {
    static ONE: OnceLock<Mutex<ControlPlane>> = OnceLock::new();
    let one = ONE.get_or_init(|| Mutex::new(own_control_plane(|options| options)));
    let one = one.lock().unwrap_or_else(PoisonError::into_inner);
    // A case that failed left it as it was.
    for (part, status) in one.status().expect("the supervisor lives").parts {
        match status.state {
            PartState::Running => {}
            PartState::Stopped => one.cont(part).expect("it goes on"),
            PartState::Exited => one.start_part(part).expect("it starts"),
        }
    }
    one
}

fn ready(control_plane: &ControlPlane, name: &str, operation: Operation) -> (Case, State) {
    let case = Case::on(control_plane, name);
    operation.prepare(&case);
    let before = case.state();
    (case, before)
}

#[test]
fn cell_11_a_server_that_never_answers_is_given_up() {
    let control_plane = breakable();
    let (case, before) = ready(&control_plane, "cell-11", Install);
    control_plane.stop(Part::ApiServer).expect("it stops");
    case.run(APPLY).ends_with(1).says(&["WH0410", "does not answer", "no answer within 30 s"]);
    control_plane.cont(Part::ApiServer).expect("it goes on");
    settled(case, Install, &before);
}

/// Kills a part at the first write of a StatefulSet, and starts it again while the command goes on.
fn restarts(part: Part, operation: Operation) {
    let control_plane = breakable();
    let (case, before) = ready(&control_plane, "restart", operation);
    let control = wellhead_harness::Control::new(control_plane.dir());
    let (send, restarted) = std::sync::mpsc::channel();
    let restart = move || {
        control.kill(part).expect("it dies");
        std::thread::spawn(move || {
            let started = control.start_part(part);
            send.send(started.is_ok()).expect("the test waits for it");
        });
    };
    case.proxy.once(|it| it.writes("statefulsets"), Fault::Before(Box::new(restart)));
    case.run(operation.arguments()).ends_with(0);
    assert!(restarted.recv().expect("it was killed"), "{part} did not start again");
    settled(case, operation, &before);
}

#[test]
fn cell_13_a_killed_api_server_is_waited_for() {
    restarts(Part::ApiServer, Install);
    restarts(Part::ApiServer, Upgrade);
}

#[test]
fn cell_15_what_was_acknowledged_outlives_etcd() {
    restarts(Part::Etcd, Install);
    restarts(Part::Etcd, Upgrade);
}

/// Without a part nothing becomes ready, and the same command finishes once it is back.
fn without(part: Part, operation: Operation) {
    let control_plane = breakable();
    let (case, before) = ready(&control_plane, "without", operation);
    control_plane.kill(part).expect("it dies");
    let limited = [operation.arguments(), &["--timeout", "4s"]].concat();
    case.run(&limited).ends_with(3).says(&["WH0308", "not ready within 4 s"]);
    control_plane.start_part(part).expect("it starts");
    settled(case, operation, &before);
}

#[test]
fn cell_27_without_the_controller_manager_everything_is_applied_and_not_ready() {
    without(Part::ControllerManager, Install);
    without(Part::ControllerManager, Upgrade);
}

#[test]
fn cell_28_without_the_scheduler_everything_is_applied_and_not_ready() {
    without(Part::Scheduler, Install);
    without(Part::Scheduler, Upgrade);
}

/// Asks etcd by its JSON gateway.
/// <https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/>
fn ask_etcd(control_plane: &ControlPlane, path: &str, body: &str) -> String {
    let port = control_plane.status().expect("the supervisor lives").parts[&Part::Etcd].port;
    let mut socket = std::net::TcpStream::connect(("127.0.0.1", port)).expect("etcd listens");
    let request = format!("POST {path} HTTP/1.0\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    socket.write_all(request.as_bytes()).expect("etcd reads");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("etcd answers");
    assert!(answer.starts_with("HTTP/1.0 200"), "{path}: {answer}");
    answer
}

/// The number that follows a key in JSON.
fn number_after<'a>(answer: &'a str, key: &str) -> &'a str {
    let rest = answer.split(&format!("\"{key}\":\"")).nth(1).expect("the key is there");
    rest.split('"').next().unwrap_or_default()
}

#[test]
fn cell_16_a_full_etcd_is_a_clear_error_and_heals() {
    const QUOTA: &str = "--quota-backend-bytes=12582912";
    let control_plane = own_control_plane(|options| options.with(Part::Etcd, QUOTA));
    let (case, before) = ready(&control_plane, "cell-16", Install);
    let filler: String = std::iter::repeat_n('x', 900_000).collect();
    let maps = case.api::<ConfigMap>();
    for number in 0.. {
        let body =
            typed(json!({"metadata": {"name": format!("f{number}")}, "data": {"f": filler}}));
        if block_on(maps.create(&PostParams::default(), &body)).is_err() {
            break;
        }
    }
    case.run(APPLY).ends_with(1).says(&["WH0413", "database space exceeded"]);
    assert_eq!(case.state().trace(), before.trace(), "nothing half");
    let all = (DeleteParams::default(), kube::api::ListParams::default());
    let _ = block_on(maps.delete_collection(&all.0, &all.1));
    let status = ask_etcd(&control_plane, "/v3/maintenance/status", "{}");
    let revision = number_after(&status, "revision");
    let compaction = format!(r#"{{"revision": "{revision}", "physical": true}}"#);
    ask_etcd(&control_plane, "/v3/kv/compaction", &compaction);
    ask_etcd(&control_plane, "/v3/maintenance/defragment", "{}");
    let alarms = ask_etcd(&control_plane, "/v3/maintenance/alarm", r#"{"action": "GET"}"#);
    let member = number_after(&alarms, "memberID");
    let disarm =
        format!(r#"{{"action": "DEACTIVATE", "memberID": "{member}", "alarm": "NOSPACE"}}"#);
    ask_etcd(&control_plane, "/v3/maintenance/alarm", &disarm);
    settled(case, Install, &before);
}

#[test]
fn cell_07_and_14_a_server_with_one_slot_for_writes_that_sends_clients_away_is_no_failure() {
    // Of fairness the server would make queues. Clients of HTTP/2 are told to go away.
    let flags = [
        "--enable-priority-and-fairness=false",
        "--max-mutating-requests-inflight=1",
        "--goaway-chance=0.02",
    ];
    let control_plane = own_control_plane(|options| {
        flags.iter().fold(options, |options, flag| options.with(Part::ApiServer, flag))
    });
    let mut case = Case::on(&control_plane, "cell-7");
    // Administrators never wait.
    let kubeconfig = tenant(&case, &control_plane);
    case.proxy = Proxy::start_as(&control_plane, &kubeconfig).expect("a proxy starts");
    Install.prepare(&case);
    let before = case.state();
    let refused = AtomicUsize::new(0);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for number in 0..2 {
            let client = block_on(crate::bed::client(kubeconfig.clone()));
            let maps: Api<ConfigMap> = Api::namespaced(client, &case.namespace);
            let (refused, over) = (&refused, &over);
            scope.spawn(move || {
                let body = typed(json!({"metadata": {"name": format!("load-{number}")}}));
                let params = PostParams { dry_run: true, ..PostParams::default() };
                while !over.load(Ordering::SeqCst) {
                    let failed = block_on(maps.create(&params, &body)).is_err();
                    refused.fetch_add(usize::from(failed), Ordering::SeqCst);
                    std::thread::sleep(std::time::Duration::from_millis(2));
                }
            });
        }
        let ran = case.run(APPLY);
        over.store(true, Ordering::SeqCst);
        ran.ends_with(0);
    });
    let ours = case.proxy.record().iter().filter(|it| it.code == Some(429)).count();
    assert!(ours + refused.into_inner() > 0, "the server was never busy");
    settled(case, Install, &before);
}

//! Values that may be secrets show nowhere, whatever a command tells of them.

use serde_json::json;

use crate::plan_cli::Cli;

/// What may not be seen; each stands where the pipeline below has it.
fn planted(number: u32) -> Vec<String> {
    let places = ["env", "flag", "attached", "url", "header", "hook", "annotation", "bearer"];
    places.iter().map(|place| format!("hunter-{place}-{number}")).collect()
}

fn pipeline(number: u32) -> String {
    let planted = planted(number);
    let [env, flag, attached, url, header, hook, annotation, bearer] = &planted[..] else {
        unreachable!("there are eight")
    };
    let pipeline = json!({
        "apiVersion": "wellhead.dev/v1alpha1", "kind": "Pipeline", "metadata": {"name": "db"},
        "spec": {
            "replicas": 0,
            "podAnnotations": {"example.com/api-token": annotation},
            "containers": [{
                "name": "main", "image": "nginx:1.27",
                "env": [
                    {"name": "DB_PASSWORD", "value": env},
                    {"name": "DATABASE_URL", "value": format!("postgres://app:{url}@db:5432/app")},
                ],
                "args": ["--password", flag, "-uroot", format!("-p{attached}"), format!("Authorization: Bearer {bearer}")],
                "livenessProbe": {"httpGet": {"port": 80, "httpHeaders": [{"name": "X-Api-Key", "value": header}]}},
                "lifecycle": {"preStop": {"exec": {"command": ["stop", format!("--password={hook}")]}}},
            }],
        },
    });
    format!("{pipeline:#}")
}

#[tokio::test(flavor = "multi_thread")]
async fn planted_secrets_show_in_no_output() {
    let cli = Cli::new("planted").await;
    cli.write(&pipeline(1));
    cli.apply();
    cli.write(&pipeline(2));
    let look = |words: &[&str]| {
        let command = [words, &["-n", &cli.env.namespace]].concat();
        let output = cli.bare(&command);
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        assert!(matches!(output.status.code(), Some(0 | 2)), "{words:?}: {text}");
        for secret in [planted(1), planted(2)].concat() {
            assert!(!text.contains(&secret), "{words:?} shows {secret}: {text}");
        }
    };
    let commands: [&[&str]; 6] = [
        &["plan", "-v", "-f", "db.yaml"],
        &["plan", "-o", "json", "-f", "db.yaml"],
        &["drift", "-f", "db.yaml"],
        &["explain", "-f", "db.yaml"],
        &["status", "db"],
        &["history", "show", "db", "1"],
    ];
    commands.into_iter().for_each(look);
    cli.apply();
    look(&["history", "diff", "db", "1", "2"]);
    look(&["history", "show", "db", "2", "-o", "json"]);
    cli.env.finish().await;
}

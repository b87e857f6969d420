//! What the plugin does, natively.

use crate::ImagePolicy;
use serde_json::{Value, json};
use wellhead_plugin::{Pipeline, Rejection, testing};

/// A pipeline with a main container, a sidecar and an init container.
fn pipeline(main: &str, sidecar: &str, init: &str) -> Pipeline {
    testing::pipeline(json!({ "spec": {
        "containers": [{ "name": "main", "image": main }, { "name": "proxy", "image": sidecar }],
        "initContainers": [{ "name": "setup", "image": init }],
    } }))
}

fn run(pipeline: &Pipeline, config: &Value) -> Result<(), Rejection> {
    testing::transform::<ImagePolicy>(pipeline, config)
}

fn images(pipeline: &Pipeline) -> Vec<String> {
    pipeline.all_containers().iter().map(wellhead_plugin::Container::image).collect()
}

/// The result of one image.
fn image(image: &str, config: &Value) -> Result<String, Rejection> {
    let pipeline = testing::pipeline(json!({ "spec": {
        "containers": [{ "name": "main", "image": image }],
    } }));
    run(&pipeline, config).map(|()| pipeline.main_container().image())
}

fn digest(digits: &str) -> String {
    format!("sha256:{}", digits.repeat(32))
}

#[test]
fn mirrors_apply_to_main_sidecar_and_init_containers() {
    let pipeline = pipeline("nginx:1.14.2", "docker.io/acme/proxy:2", "ghcr.io/acme/setup:3");
    let config = json!({
        "mirrors": { "docker.io": "mirror.example.com/hub", "ghcr.io": "mirror.example.com/ghcr" },
        "allow": ["mirror.example.com"],
    });
    run(&pipeline, &config).unwrap();
    assert_eq!(
        images(&pipeline),
        [
            "mirror.example.com/hub/library/nginx:1.14.2",
            "mirror.example.com/hub/acme/proxy:2",
            "mirror.example.com/ghcr/acme/setup:3",
        ]
    );
    let edits = testing::edits(&pipeline);
    assert_eq!(edits[2].path, "initContainers.setup.image");
    assert_eq!(edits[2].reason.as_deref(), Some("images of `ghcr.io` come from its mirror"));
}

#[test]
fn the_longest_prefix_wins_and_covers_whole_parts_only() {
    let config = json!({
        "mirrors": { "ghcr.io": "a.example.com", "ghcr.io/acme": "b.example.com" },
        "allow": ["a.example.com", "b.example.com"],
    });
    assert_eq!(image("ghcr.io/acme/app:1", &config).unwrap(), "b.example.com/app:1");
    assert_eq!(image("ghcr.io/acme2/app:1", &config).unwrap(), "a.example.com/acme2/app:1");
}

#[test]
fn an_allowed_image_stays_as_it_is_written() {
    assert_eq!(
        image("nginx:1.14.2", &json!({ "allow": ["docker.io/library"] })).unwrap(),
        "nginx:1.14.2"
    );
}

#[test]
fn a_tag_is_pinned_under_the_name_of_the_pipeline_or_of_the_mirror() {
    for key in ["nginx:1.14.2", "mirror.example.com/library/nginx:1.14.2"] {
        let config = json!({
            "mirrors": { "docker.io": "mirror.example.com" },
            "digests": { key: digest("0a") },
            "allow": ["mirror.example.com"],
        });
        let expected = format!("mirror.example.com/library/nginx:1.14.2@{}", digest("0a"));
        assert_eq!(image("nginx:1.14.2", &config).unwrap(), expected);
    }
}

#[test]
fn a_digest_of_the_pipeline_is_kept() {
    let config = json!({ "digests": { "nginx:1": digest("0a") }, "allow": ["docker.io"] });
    let pinned = format!("nginx:1@{}", digest("0b"));
    assert_eq!(image(&pinned, &config).unwrap(), pinned);
}

#[test]
fn latest_and_untagged_images_are_refused_unless_a_digest_fixes_them() {
    let config = json!({ "allow": ["docker.io"] });
    let refused = image("nginx", &config).unwrap_err();
    assert_eq!(
        refused,
        Rejection::new("`nginx` has no tag").code("tag-missing").at("containers.main.image").hint(
            "write a tag that is not `latest`, or a digest; the config may pin it in `digests`, or \
                 say `allowLatest: true`"
        )
    );
    assert_eq!(
        image("nginx:latest", &config).unwrap_err().message,
        "`nginx:latest` has the tag `latest`"
    );
    let pinned = format!("nginx@{}", digest("0b"));
    assert_eq!(image(&pinned, &config).unwrap(), pinned);
}

#[test]
fn an_image_without_a_tag_is_pinned_as_the_one_with_latest() {
    for key in [
        "busybox",
        "busybox:latest",
        "docker.io/library/busybox",
        "mirror.example.com/library/busybox",
    ] {
        let config = json!({
            "mirrors": { "docker.io": "mirror.example.com" },
            "digests": { key: digest("0a") },
            "allow": ["mirror.example.com"],
            "requireDigest": true,
        });
        let pinned =
            |tag: &str| format!("mirror.example.com/library/busybox{tag}@{}", digest("0a"));
        assert_eq!(image("busybox", &config).unwrap(), pinned(""), "{key}");
        assert_eq!(image("busybox:latest", &config).unwrap(), pinned(":latest"), "{key}");
    }
}

#[test]
fn latest_and_untagged_images_may_be_let_through() {
    let config = json!({
        "mirrors": { "docker.io": "mirror.example.com" },
        "allow": ["mirror.example.com"],
        "allowLatest": true,
    });
    assert_eq!(image("busybox", &config).unwrap(), "mirror.example.com/library/busybox");
    assert_eq!(
        image("busybox:latest", &config).unwrap(),
        "mirror.example.com/library/busybox:latest"
    );
    let strict = json!({ "allow": ["docker.io"], "allowLatest": true, "requireDigest": true });
    assert_eq!(image("busybox", &strict).unwrap_err().message, "`busybox` has no digest");
}

#[test]
fn one_image_with_two_digests_is_refused() {
    let config = json!({
        "digests": { "busybox": digest("0a"), "docker.io/library/busybox:latest": digest("0b") },
        "allow": ["docker.io"],
    });
    assert!(image("nginx:1", &config).unwrap_err().message.ends_with("is listed with two digests"));
}

#[test]
fn a_required_digest_that_is_missing_is_refused() {
    let config = json!({ "allow": ["docker.io"], "requireDigest": true });
    assert_eq!(image("nginx:1", &config).unwrap_err().message, "`nginx:1` has no digest");
}

#[test]
fn all_violations_are_in_one_rejection_and_nothing_is_edited() {
    let pipeline = pipeline("nginx:1", "quay.io/acme/proxy:2", "ghcr.io/acme/setup");
    let config = json!({
        "mirrors": { "docker.io": "mirror.example.com" },
        "allow": ["ghcr.io/acme", "mirror.example.com"],
    });
    assert_eq!(
        run(&pipeline, &config).unwrap_err(),
        Rejection::new(
            "2 images are refused: \
             containers.proxy.image: `quay.io/acme/proxy:2` comes from `quay.io`, which is not allowed; \
             initContainers.setup.image: `ghcr.io/acme/setup` has no tag"
        )
        .code("several")
        .hint(
            "use an image of `ghcr.io/acme`, `mirror.example.com`; write a tag that is not `latest`, or a \
             digest; the config may pin it in `digests`, or say `allowLatest: true`"
        )
    );
    assert_eq!(testing::edits(&pipeline), []);
}

#[test]
fn a_text_that_is_no_image_is_refused() {
    let refused = image("Nginx:1", &json!({ "allow": ["docker.io"] })).unwrap_err();
    assert!(refused.message.starts_with("`Nginx:1` is no image"), "{refused:?}");
}

#[test]
fn wrong_images_in_the_config_are_refused_with_their_field() {
    let wrong = |config: Value| image("nginx:1", &config).unwrap_err().path.clone().unwrap();
    let pinned = format!("nginx@{}", digest("0a"));
    let path = wrong(json!({ "allow": ["docker.io"], "digests": { &pinned: digest("0a") } }));
    assert_eq!(path, format!("config.digests[{pinned:?}]"));
    let path = wrong(json!({ "allow": ["docker.io"], "digests": { "nginx:1": "sha256:1" } }));
    assert_eq!(path, "config.digests[\"nginx:1\"]");
    let path = wrong(json!({ "allow": ["docker.io"], "mirrors": { "docker.io": "https://x" } }));
    assert_eq!(path, "config.mirrors[\"docker.io\"]");
}

#[test]
fn a_config_without_allow_is_refused() {
    assert_eq!(image("nginx:1", &json!({})).unwrap_err().message, "missing field `allow`");
}

#[test]
fn the_schema_is_current() {
    testing::assert_schema::<ImagePolicy>("config.schema.json");
}

//! The example of `examples/languages` in Rust. The README.md there says what it does.

mod config;
mod edits;
mod image;
#[cfg(test)]
mod tests;

use wellhead_plugin::{Finding, Pipeline, Plugin, Rejection, Transformer, Validator, context, log};

pub use crate::config::{Config, Count};

/// The plugin.
pub struct PlatformDefaults;

impl Plugin for PlatformDefaults {
    type Config = Config;
    const WRITES: &'static [&'static str] = &[
        "containers.*.image",
        "initContainers.*.image",
        "claims.*.storageClass",
        "replicas",
        "labels.*",
        "podLabels.*",
        "annotations.contact",
    ];
    const FACTS: &'static [&'static str] = &["storageClasses"];
    const MIN_HOST: Option<&'static str> = Some("0.1.0");

    fn config_schema() -> String {
        include_str!("../config.schema.json").to_owned()
    }
}

impl Transformer for PlatformDefaults {
    fn transform(config: &Config, pipeline: &Pipeline) -> Result<(), Rejection> {
        refuse_unknown_claims(config, pipeline)?;
        refuse_uncovered_claims(config, pipeline)?;
        let replicas = choose_replicas(config, pipeline)?;

        mirror_images(config, pipeline)?;
        set_storage_classes(config, pipeline)?;
        if let Some((environment, number)) = replicas {
            pipeline.because(&format!("the environment is `{environment}`"));
            pipeline.set_replicas(number)?;
        }
        set_labels(config, pipeline)?;
        if let Some(contact) = &config.contact {
            pipeline.because(&format!("questions go to {contact}"));
            pipeline.set_annotation("contact", contact)?;
        }
        for edit in &config.edits {
            edits::make(pipeline, edit)?;
        }
        log::info("done");
        Ok(())
    }
}

impl Validator for PlatformDefaults {
    fn validate(config: &Config, pipeline: &Pipeline) -> Result<Vec<Finding>, Rejection> {
        let Some(most) = config.most_replicas.map(Count::number) else { return Ok(Vec::new()) };
        let replicas = pipeline.replicas();
        let mut findings = Vec::new();
        if replicas > most {
            let message = format!("{replicas} replicas are more than {most}");
            findings.push(
                Finding::error(message)
                    .code("too-many-replicas")
                    .argument("replicas", replicas.to_string())
                    .argument("most", most.to_string())
                    .at("replicas")
                    .hint("lower the number, or ask the platform team for more")
                    .link("https://platform.example.com/replicas"),
            );
        }
        if let Some(name) = context::set_by("replicas")? {
            let base = context::base("replicas")?.unwrap_or_else(|| "none".to_owned());
            let message = format!("`{name}` set the replicas; the base has {base}");
            findings.push(
                Finding::warning(message)
                    .code("replicas-changed")
                    .argument("by", name)
                    .argument("base", base)
                    .at("replicas"),
            );
        }
        Ok(findings)
    }
}

/// Refuses names of claims that are not there: most often one is misspelt, and its claim would get
/// another class without anybody noticing.
fn refuse_unknown_claims(config: &Config, pipeline: &Pipeline) -> Result<(), Rejection> {
    let claims = pipeline.claim_names();
    let unknown: Vec<&String> = config
        .storage_classes
        .iter()
        .flat_map(|it| it.keys())
        .filter(|it| !claims.contains(it))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let unknown = list(&unknown);
    Err(Rejection::new(format!(
        "the config names claims that the pipeline does not have: {unknown}"
    ))
    .code("unknown-claims")
    .argument("claims", unknown)
    .at("config.storageClasses")
    .hint(if claims.is_empty() {
        "remove the names: the pipeline has no claims".to_owned()
    } else {
        format!("write one of {}", list(&claims))
    }))
}

/// Refuses claims whose class nobody decided.
fn refuse_uncovered_claims(config: &Config, pipeline: &Pipeline) -> Result<(), Rejection> {
    let (Some(classes), None) = (&config.storage_classes, &config.default_storage_class) else {
        return Ok(());
    };
    let claims = pipeline.claim_names();
    let uncovered: Vec<&String> =
        claims.iter().filter(|it| !classes.contains_key(it.as_str())).collect();
    let Some(first) = uncovered.first() else { return Ok(()) };
    let names = list(&uncovered);
    Err(Rejection::new(format!("no storage class is set for these claims: {names}"))
        .code("uncovered-claims")
        .argument("claims", names)
        .at(format!("claims.{first}"))
        .hint("add them to `storageClasses`, or set `defaultStorageClass`"))
}

/// The pipeline's environment and its number of replicas, if the config has such numbers.
fn choose_replicas(
    config: &Config,
    pipeline: &Pipeline,
) -> Result<Option<(String, i32)>, Rejection> {
    let Some(replicas) = &config.replicas else { return Ok(None) };
    let known = list(&replicas.keys().collect::<Vec<_>>());
    let label = pipeline.labels().into_iter().find(|(key, _)| key == "environment");
    let Some((_, environment)) = label else {
        return Err(Rejection::new("the pipeline does not say its environment")
            .code("no-environment")
            .at("labels.environment")
            .hint(format!("add the label `environment`: one of {known}")));
    };
    match replicas.get(&environment) {
        Some(count) => Ok(Some((environment, count.number()))),
        None => {
            Err(Rejection::new(format!("no replicas are set for the environment `{environment}`"))
                .code("unknown-environment")
                .argument("environment", environment)
                .at("config.replicas")
                .hint(format!("add it, or change the label to one of {known}")))
        }
    }
}

fn mirror_images(config: &Config, pipeline: &Pipeline) -> Result<(), Rejection> {
    if config.mirrors.is_empty() {
        return Ok(());
    }
    for container in pipeline.all_containers() {
        let image = container.image();
        if let Some((prefix, mirrored)) = image::mirrored(&image, &config.mirrors) {
            pipeline.because(&format!("images of `{prefix}` come from a mirror"));
            container.set_image(&mirrored)?;
        } else {
            let name = container.name();
            log::warn(&format!("no mirror covers `{image}` of container `{name}`"));
        }
    }
    Ok(())
}

fn set_storage_classes(config: &Config, pipeline: &Pipeline) -> Result<(), Rejection> {
    for claim in pipeline.claims() {
        let name = claim.name();
        let named = config.storage_classes.as_ref().and_then(|it| it.get(&name));
        let (class, reason) = match (named, &config.default_storage_class) {
            (Some(class), _) => (class, format!("`storageClasses` names the claim `{name}`")),
            (None, Some(class)) => (class, "the default storage class".to_owned()),
            (None, None) => continue,
        };
        pipeline.because(&reason);
        claim.set_storage_class(class.as_deref())?;
    }
    Ok(())
}

fn set_labels(config: &Config, pipeline: &Pipeline) -> Result<(), Rejection> {
    pipeline.because("labels of the platform");
    for (key, value) in &config.labels {
        if let Some(value) = value {
            pipeline.set_label(key, value)?;
            pipeline.set_pod_label(key, value)?;
        } else {
            pipeline.remove_label(key)?;
            pipeline.remove_pod_label(key)?;
        }
    }
    Ok(())
}

/// Names in backticks.
fn list(names: &[impl AsRef<str>]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    quoted.join(", ")
}

wellhead_plugin::export!(PlatformDefaults: Transformer + Validator);

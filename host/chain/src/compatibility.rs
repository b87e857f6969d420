//! A plugin that was built for version 0.1.0 of the contract, on this host, which has a later track, too, and on one
//! whose contract has more still. `tests/compatibility` has the plugin and that contract.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, HasSelf, Linker, Resource};
use wasmtime::{Result, Store};
use wellhead_spec::Pipeline;

use crate::provenance::{Provenance, Write};
use crate::session::{Rights, Session};
use crate::{
    Allocation, Chain, Compiler, Engine, Entry, Limits, LoadOptions, Plugin, PluginError, Writer,
};

/// The extended contract as Rust, with the rest of [`crate::bindings`] as it is.
mod bindings {
    mod generated {
        wasmtime::component::bindgen!({
            path: "../../tests/compatibility/extended",
            world: "wellhead:plugin/plugin",
            imports: { default: trappable },
            trappable_error_type: {
                "wellhead:plugin/types.edit-error" => crate::session::fault::EditFault,
            },
            with: {
                "wellhead:plugin/types": crate::bindings::generated::wellhead::plugin::types,
                "wellhead:plugin/pipeline.pipeline": super::super::host::PipelineHandle,
                "wellhead:plugin/pipeline.container": super::super::host::ContainerHandle,
                "wellhead:plugin/pipeline.claim": super::super::host::ClaimHandle,
                "wellhead:plugin/pipeline.service": super::super::host::ServiceHandle,
            },
        });
    }

    mod of_the_plugin {
        wasmtime::component::bindgen!({
            path: "../../wit/v0.1",
            world: "wellhead:plugin/transformer",
            imports: { default: trappable },
            with: {
                "wellhead:plugin/pipeline.pipeline": super::super::host::PipelineHandle,
                "wellhead:plugin/pipeline.container": super::super::host::ContainerHandle,
                "wellhead:plugin/pipeline.claim": super::super::host::ClaimHandle,
                "wellhead:plugin/pipeline.service": super::super::host::ServiceHandle,
            },
        });
    }

    pub(super) use generated::wellhead::plugin::{context, facts, log, pipeline};
    pub(super) use of_the_plugin::exports::wellhead::plugin::transform;

    pub(super) use crate::bindings::types;
}

/// The host's side, built for the extended contract.
#[path = "host/mod.rs"]
#[expect(dead_code, reason = "its linker is that of version 0.1.0")]
#[expect(clippy::duplicate_mod, reason = "it is built for two versions of the contract")]
mod host;

use bindings::{log, pipeline, transform};
use host::{Host, PipelineHandle};

impl pipeline::HostAdditions for Host {
    fn first(&mut self, _: Resource<pipeline::Additions>) -> Result<pipeline::Addition> {
        Ok(pipeline::Addition { text: "new".to_owned() })
    }

    fn drop(&mut self, _: Resource<pipeline::Additions>) -> Result<()> {
        Ok(())
    }
}

impl pipeline::Host for Host {
    fn additions_of(
        &mut self,
        _: Resource<PipelineHandle>,
    ) -> Result<Resource<pipeline::Additions>> {
        Ok(Resource::new_own(0))
    }
}

const PLUGIN: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/compatibility/0.1.0/plugin.wasm");

/// A protected field that it edits, and that the operator opens.
const OPENS: &str = "containers.*.volumeMounts.*";

/// What it edits, since it was built.
const EDITS: &str = include_str!("../../../tests/compatibility/0.1.0/edits.txt");

fn engine() -> Engine {
    Engine::new(Allocation::OnDemand, Compiler::in_process()).unwrap()
}

fn document() -> Pipeline {
    serde_json::from_value(json!({
        "metadata": {"name": "db", "namespace": "ml", "labels": {"team": "ml", "old": "yes"}},
        "spec": {
            "replicas": 2,
            "containers": [{
                "name": "db",
                "image": "postgres:17",
                "volumeMounts": [{"name": "data", "mountPath": "/more"}],
            }],
            "claims": [{"name": "data", "size": "1Gi", "mountPath": "/data"}],
        },
    }))
    .unwrap()
}

/// Runs the plugin on the host as it is.
fn run(config: &Value) -> Result<crate::Outcome, Vec<PluginError>> {
    let plugin =
        Plugin::load(&engine(), "old", Path::new(PLUGIN), &LoadOptions::default()).unwrap();
    let entry = json!({
        "name": "old", "source": PLUGIN, "config": config, "grants": ["**"], "opens": [OPENS],
    });
    let entry = Entry::new(&serde_json::from_value(entry).unwrap(), "test", Arc::new(plugin));
    Chain::new(vec![entry.unwrap()]).verifying_determinism().run(&document())
}

/// A linker of the extended contract, under the names of the plugin's track.
fn extended(engine: &wasmtime::Engine) -> Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    linker.instance("wellhead:plugin/types@0.1.0")?;
    let mut instance = linker.instance("wellhead:plugin/pipeline@0.1.0")?;
    pipeline::add_to_linker_instance::<_, HasSelf<Host>>(&mut instance, |host| host)?;
    let mut instance = linker.instance("wellhead:plugin/log@0.1.0")?;
    log::add_to_linker_instance::<_, HasSelf<Host>>(&mut instance, |host| host)?;
    Ok(linker)
}

/// Runs the plugin on a host of the extended contract.
fn run_extended(engine: &wasmtime::Engine, component: &Component) -> Result<(Value, Vec<Write>)> {
    let pre = extended(engine)?.instantiate_pre(component)?;
    let writer = Writer {
        name: "old".to_owned(),
        version: String::new(),
        digest: String::new(),
        customization: String::new(),
        facts_digest: None,
    };
    let provenance = Provenance { writers: vec![writer.into()], ..Provenance::default() };
    let [grants, opens] = ["**", OPENS].map(|it| vec![it.parse().unwrap()]);
    let rights = Rights { grants, opens, ..Rights::default() };
    let limits = Limits::default();
    let session = Session::new(document().to_draft(), provenance, rights.into(), limits);
    let mut store = Store::new(engine, Host::new(session));
    store.set_fuel(u64::MAX)?;
    store.set_epoch_deadline(1);
    let indices = transform::GuestIndices::new(&pre)?;
    let instance = pre.instantiate(&mut store)?;
    let guest = indices.load(&mut store, &instance)?;
    let verdict = guest.call_transform(&mut store, Resource::new_borrow(0), "{}")?;
    assert!(verdict.is_ok(), "{verdict:?}");
    let (draft, provenance, _) = store.into_data().session.finish();
    Ok((draft, made(provenance.writes)))
}

/// The edits of the plugin, without what the host completes of containers that it adds.
fn made(writes: Vec<Write>) -> Vec<Write> {
    writes.into_iter().filter(|it| !it.completes).collect()
}

#[test]
fn a_plugin_of_version_0_1_0_does_on_this_host_what_it_always_did() {
    let outcome = run(&json!({})).unwrap();
    let edits = made(outcome.provenance.writes).into_iter().map(|it| {
        let new = it.new.as_ref().map_or("(removed)".to_owned(), Value::to_string);
        format!("{} = {new} because {}\n", it.path, it.reason.as_deref().unwrap_or_default())
    });
    assert_eq!(edits.collect::<String>(), EDITS);
    assert_eq!(outcome.runs[0].log[0].message, "containers.db.image");
    assert_eq!(outcome.warnings[0].message, "3 replicas");
    let errors = run(&json!({"reject": true})).unwrap_err();
    assert_eq!(errors[0].fault.plain_causes(), ["config.reject: the config says so"]);
    assert_eq!(errors[0].fault.plain_hints(), ["leave it out"]);
}

#[test]
fn a_plugin_of_version_0_1_0_links_to_a_contract_with_more_and_makes_the_same_edits() {
    let engine = engine();
    let component = Component::from_file(engine.inner(), PLUGIN).unwrap();
    let here = run(&json!({})).unwrap();
    let (draft, writes) = run_extended(engine.inner(), &component).unwrap();
    assert_eq!(writes.len(), EDITS.lines().count());
    assert_eq!(writes, made(here.provenance.writes));
    assert_eq!(draft, here.pipeline.to_draft());
}

#[test]
fn a_host_that_lacks_an_interface_does_not_link_it() {
    let engine = engine();
    let component = Component::from_file(engine.inner(), PLUGIN).unwrap();
    let mut linker = Linker::new(engine.inner());
    log::add_to_linker::<_, HasSelf<Host>>(&mut linker, |host| host).unwrap();
    let Err(error) = linker.instantiate_pre(&component) else { unreachable!("it was linked") };
    assert!(format!("{error:#}").contains("wellhead:plugin/"), "{error:#}");
}

/// What the plugin imports is of the version that it was built for, and not of this host's.
#[test]
fn the_plugin_was_built_for_version_0_1_0() {
    let engine = engine();
    let component = Component::from_file(engine.inner(), PLUGIN).unwrap();
    let ty = component.component_type();
    let imports: Vec<&str> = ty.imports(engine.inner()).map(|(name, _)| name).collect();
    assert_eq!(
        imports,
        ["types", "pipeline", "log"].map(|name| format!("wellhead:plugin/{name}@0.1.0"))
    );
    assert!(
        ty.imports(engine.inner())
            .all(|(_, it)| matches!(it.ty, ComponentItem::ComponentInstance(_)))
    );
}

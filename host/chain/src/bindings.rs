//! The contract as Rust, generated from `wit`. Nothing else in this crate names it.
//!
//! What plugins import is one for both tracks: the interfaces of 0.2 have all that those of 0.1 have, with the same
//! types. What they export differs, so that [`v0_1`] has it as track 0.1 does, and turns it into what 0.2 has.

pub(crate) mod generated {
    wasmtime::component::bindgen!({
        path: "../../wit/v0.2",
        world: "wellhead:plugin/plugin",
        imports: { default: trappable },
        trappable_error_type: {
            "wellhead:plugin/types.edit-error" => crate::session::fault::EditFault,
        },
        with: {
            "wellhead:plugin/pipeline.pipeline": crate::host::PipelineHandle,
            "wellhead:plugin/pipeline.container": crate::host::ContainerHandle,
            "wellhead:plugin/pipeline.claim": crate::host::ClaimHandle,
            "wellhead:plugin/pipeline.service": crate::host::ServiceHandle,
        },
    });
}

pub(crate) use generated::exports::wellhead::plugin::{describe, transform, validate};
pub(crate) use generated::wellhead::plugin::{context, facts, log, pipeline, types};

/// What plugins of track 0.1 export.
pub(crate) mod v0_1 {
    pub(crate) mod generated {
        wasmtime::component::bindgen!({
            path: "../../wit/v0.1",
            world: "wellhead:plugin/plugin",
            imports: { default: trappable },
            with: {
                "wellhead:plugin/pipeline.pipeline": crate::host::PipelineHandle,
                "wellhead:plugin/pipeline.container": crate::host::ContainerHandle,
                "wellhead:plugin/pipeline.claim": crate::host::ClaimHandle,
                "wellhead:plugin/pipeline.service": crate::host::ServiceHandle,
            },
        });
    }

    pub(crate) use generated::exports::wellhead::plugin::{describe, transform, validate};
    pub(crate) use generated::wellhead::plugin::types;

    impl From<describe::PluginInfo> for super::describe::PluginInfo {
        fn from(info: describe::PluginInfo) -> Self {
            let describe::PluginInfo { name, version, description, config_schema, writes } = info;
            Self {
                name,
                version,
                description,
                config_schema,
                writes,
                opens: Vec::new(),
                facts: Vec::new(),
                license: None,
                homepage: None,
                min_host: None,
                extra: Vec::new(),
            }
        }
    }

    impl From<types::Rejection> for super::types::Rejection {
        fn from(types::Rejection { message, path, hint }: types::Rejection) -> Self {
            let (arguments, extra) = (Vec::new(), Vec::new());
            Self { code: None, message, arguments, path, hint, link: None, extra }
        }
    }

    impl From<validate::Finding> for super::validate::Finding {
        fn from(finding: validate::Finding) -> Self {
            let validate::Finding { severity, path, message, hint } = finding;
            let severity = match severity {
                validate::Severity::Error => super::validate::Severity::Error,
                validate::Severity::Warning => super::validate::Severity::Warning,
            };
            let (arguments, extra) = (Vec::new(), Vec::new());
            Self { severity, code: None, message, arguments, path, hint, link: None, extra }
        }
    }
}

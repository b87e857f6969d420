//! What a plugin exports, in the track that it was built for. Its answers are those of the latest track.

use wasmtime::component::{Instance, InstancePre, Resource};
use wasmtime::{Result, Store};

use super::mismatch;
use super::world::Track;
use crate::bindings::{describe, types, validate};
use crate::host::{Host, PipelineHandle};

/// What a plugin exports.
pub(super) enum Exports {
    V0_1(v0_1::Exports),
    V0_2(v0_2::Exports),
}

/// Makes the exports of a track from its bindings.
macro_rules! track {
    ($track:ident: $bindings:path) => {
        mod $track {
            use $bindings as bindings;

            use super::*;

            pub(in crate::plugin) struct Exports {
                describe: bindings::describe::GuestIndices,
                transform: Option<bindings::transform::GuestIndices>,
                validate: Option<bindings::validate::GuestIndices>,
            }

            impl Exports {
                pub(super) fn of(
                    pre: &InstancePre<Host>,
                    (transforms, validates): (bool, bool),
                ) -> Result<Self> {
                    let transform = transforms.then(|| bindings::transform::GuestIndices::new(pre));
                    let validate = validates.then(|| bindings::validate::GuestIndices::new(pre));
                    Ok(Self {
                        describe: bindings::describe::GuestIndices::new(pre)?,
                        transform: transform.transpose()?,
                        validate: validate.transpose()?,
                    })
                }

                pub(super) fn transforms(&self) -> bool {
                    self.transform.is_some()
                }

                pub(super) fn validates(&self) -> bool {
                    self.validate.is_some()
                }

                pub(super) fn mismatches(
                    &self,
                    store: &mut Store<Host>,
                    instance: &Instance,
                ) -> Vec<String> {
                    let transform =
                        self.transform.as_ref().map(|it| it.load(&mut *store, instance));
                    let validate = self.validate.as_ref().map(|it| it.load(&mut *store, instance));
                    let describe = self.describe.load(&mut *store, instance);
                    let errors = [
                        ("transform", transform.and_then(Result::err)),
                        ("validate", validate.and_then(Result::err)),
                        ("describe", describe.err()),
                    ];
                    let told = |(name, error): (&str, Option<wasmtime::Error>)| {
                        Some(format!("its `{name}` has another type: {}", mismatch(&error?)))
                    };
                    errors.into_iter().filter_map(told).collect()
                }

                pub(super) fn describe(
                    &self,
                    store: &mut Store<Host>,
                    instance: &Instance,
                ) -> Result<describe::PluginInfo> {
                    let guest = self.describe.load(&mut *store, instance)?;
                    Ok(guest.call_describe(store)?.into())
                }

                pub(super) fn transform(
                    &self,
                    store: &mut Store<Host>,
                    instance: &Instance,
                    config: &str,
                ) -> Result<Result<(), types::Rejection>> {
                    let Some(transform) = &self.transform else { return Ok(Ok(())) };
                    let guest = transform.load(&mut *store, instance)?;
                    let verdict = guest.call_transform(store, pipeline(), config)?;
                    Ok(verdict.map_err(Into::into))
                }

                pub(super) fn validate(
                    &self,
                    store: &mut Store<Host>,
                    instance: &Instance,
                    config: &str,
                ) -> Result<Result<Vec<validate::Finding>, types::Rejection>> {
                    let Some(validate) = &self.validate else { return Ok(Ok(Vec::new())) };
                    let guest = validate.load(&mut *store, instance)?;
                    let verdict = guest.call_validate(store, pipeline(), config)?;
                    let findings = |it: Vec<_>| it.into_iter().map(Into::into).collect();
                    Ok(verdict.map(findings).map_err(Into::into))
                }
            }
        }
    };
}

track!(v0_1: crate::bindings::v0_1);
track!(v0_2: crate::bindings);

fn pipeline() -> Resource<PipelineHandle> {
    Resource::new_borrow(0)
}

/// Calls a method of the exports of either track.
macro_rules! of_either {
    ($exports:expr, $method:ident($($argument:expr),*)) => {
        match $exports {
            Exports::V0_1(it) => it.$method($($argument),*),
            Exports::V0_2(it) => it.$method($($argument),*),
        }
    };
}

impl Exports {
    /// Those of a component of a track, of which `exported` tells whether it transforms, and whether it validates.
    pub(super) fn of(
        pre: &InstancePre<Host>,
        track: Track,
        exported: (bool, bool),
    ) -> Result<Self> {
        Ok(match track {
            Track::V0_1 => Self::V0_1(v0_1::Exports::of(pre, exported)?),
            Track::V0_2 => Self::V0_2(v0_2::Exports::of(pre, exported)?),
        })
    }

    /// Whether the plugin edits.
    pub(super) fn transforms(&self) -> bool {
        of_either!(self, transforms())
    }

    /// Whether the plugin judges.
    pub(super) fn validates(&self) -> bool {
        of_either!(self, validates())
    }

    /// What of the exports has not the form that the contract gives it.
    pub(super) fn mismatches(&self, store: &mut Store<Host>, instance: &Instance) -> Vec<String> {
        of_either!(self, mismatches(store, instance))
    }

    /// Asks the plugin about itself.
    pub(super) fn describe(
        &self,
        store: &mut Store<Host>,
        instance: &Instance,
    ) -> Result<describe::PluginInfo> {
        of_either!(self, describe(store, instance))
    }

    /// Lets the plugin edit.
    pub(super) fn transform(
        &self,
        store: &mut Store<Host>,
        instance: &Instance,
        config: &str,
    ) -> Result<Result<(), types::Rejection>> {
        of_either!(self, transform(store, instance, config))
    }

    /// Lets the plugin judge.
    pub(super) fn validate(
        &self,
        store: &mut Store<Host>,
        instance: &Instance,
        config: &str,
    ) -> Result<Result<Vec<validate::Finding>, types::Rejection>> {
        of_either!(self, validate(store, instance, config))
    }
}

//! The host's side of the contract: what each function of `wit/` does.
//!
//! A getter reads the draft, a setter checks the form of its value and makes one
//! [`Session::edit`](crate::session::Session::edit). Grants, conflicts and budgets are decided
//! there, never here.

#![expect(unreachable_pub, reason = "the generated bindings re-export the handle types")]

mod accessors;
mod check;
mod claim;
mod container;
mod context;
mod fields;
mod generic;
mod native;
mod pipeline;
mod service;
mod syntax;
mod values;

use wasmtime::component::Resource;
use wellhead_spec::FieldPath;

use super::bindings::{self, log, types};

use crate::limits::budget::{Budget, UsedUp};
use crate::limits::clock::Clock;
use crate::limits::{LOG_LINE_BYTES, MemoryLimiter};
use crate::session::Session;
use crate::session::fault::EditFault;
use crate::{Level, LogLine, text};

/// The pipeline. There is one, so its handle says nothing.
pub struct PipelineHandle;

/// A container, by its place among the host's handles.
pub struct ContainerHandle;

/// A claim, by its place among the host's handles.
pub struct ClaimHandle;

/// The Service. There is one, so its handle says nothing.
pub struct ServiceHandle;

/// What the host keeps for one call of a plugin.
pub(crate) struct Host {
    pub(crate) session: Session,
    pub(crate) memory: MemoryLimiter,
    pub(crate) clock: Clock,
    pub(crate) log: Log,
    /// Paths of the containers and claims that the plugin holds.
    handles: Vec<Option<FieldPath>>,
    /// Places in `handles` that are free again.
    free: Vec<u32>,
}

/// The messages of one call.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) lines: Vec<LogLine>,
    pub(crate) dropped: usize,
    /// Bytes of all messages, those that were dropped included.
    bytes: usize,
}

impl Host {
    pub(crate) fn new(session: Session) -> Self {
        Self {
            memory: MemoryLimiter::new(session.limits()),
            session,
            clock: Clock::default(),
            log: Log::default(),
            handles: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Counts a call of one of the functions.
    pub(crate) fn called(&mut self) -> &mut Self {
        self.session.called();
        self
    }

    /// Hands out a handle of a container or claim.
    fn handle<T: 'static>(&mut self, path: FieldPath) -> wasmtime::Result<Resource<T>> {
        self.session.exchange(0)?;
        let place = if let Some(place) = self.free.pop() {
            place
        } else {
            let limit = self.session.limits().handles;
            if self.handles.len() >= limit {
                return Err(UsedUp::new(Budget::Handles, limit, limit + 1).into());
            }
            self.handles.push(None);
            u32::try_from(self.handles.len() - 1)?
        };
        self.handles[place as usize] = Some(path);
        Ok(Resource::new_own(place))
    }

    /// The container or claim of a handle. A plugin that still holds one that was removed ends here.
    fn path<T: 'static>(&self, handle: &Resource<T>) -> wasmtime::Result<&FieldPath> {
        self.session.exchange(0)?;
        let path = self.handles.get(handle.rep() as usize).and_then(Option::as_ref);
        let Some(path) = path else { wasmtime::bail!("a handle that was given back is used") };
        if self.session.lacks(path) {
            wasmtime::bail!("`{path}` is used after it was removed");
        }
        Ok(path)
    }

    /// Takes a handle back.
    fn release<T: 'static>(&mut self, handle: &Resource<T>) {
        let place = handle.rep();
        if let Some(path) = self.handles.get_mut(place as usize)
            && path.take().is_some()
        {
            self.free.push(place);
        }
    }
}

impl types::Host for Host {
    fn convert_edit_error(&mut self, fault: EditFault) -> wasmtime::Result<types::EditError> {
        match fault {
            EditFault::Edit(error) => {
                self.session.heard(&error)?;
                Ok(error)
            }
            EditFault::Trap(error) => Err(error),
        }
    }
}

impl log::Host for Host {
    fn log(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        let limits = self.session.limits();
        let limit = limits.log_bytes;
        self.log.bytes = self.log.bytes.saturating_add(message.len().max(LOG_LINE_BYTES));
        if self.log.bytes > limit {
            return Err(UsedUp::new(Budget::LogBytes, limit, self.log.bytes).into());
        }
        if self.log.lines.len() >= limits.log_lines {
            self.log.dropped += 1;
            return Ok(());
        }
        let level = match level {
            log::Level::Warn => Level::Warn,
            log::Level::Info => Level::Info,
            log::Level::Debug => Level::Debug,
        };
        let message = text::sanitize(&message, limits.log_line);
        let line = LogLine { level, message, field: self.session.current_field() };
        self.session.said(&line);
        self.log.lines.push(line);
        Ok(())
    }
}

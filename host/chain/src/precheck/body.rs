//! One function: its blocks, locals and calls.

use wasmparser::{FunctionBody, Operator, Result};

/// What a function is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) block_depth: u64,
    pub(super) blocks: u64,
    pub(super) locals: u64,
    pub(super) calls: u64,
}

/// Reads a function once.
pub(super) fn scan(body: &FunctionBody<'_>) -> Result<Body> {
    let mut found = Body::default();
    let mut locals = body.get_locals_reader()?.into_iter();
    for local in &mut locals {
        found.locals += u64::from(local?.0);
    }
    let mut operators = locals.into_operators_reader();
    let mut depth = 0_u64;
    while !operators.eof() {
        match operators.read()? {
            Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::TryTable { .. }
            | Operator::Try { .. } => {
                found.blocks += 1;
                depth += 1;
                found.block_depth = found.block_depth.max(depth);
            }
            Operator::End => depth = depth.saturating_sub(1),
            Operator::Call { .. }
            | Operator::CallIndirect { .. }
            | Operator::CallRef { .. }
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. }
            | Operator::ReturnCallRef { .. } => found.calls += 1,
            _ => {}
        }
    }
    Ok(found)
}

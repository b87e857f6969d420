//! One function: its blocks, locals and calls.

use wasmparser::{FunctionBody, Operator, Result};

/// What a function is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) block_depth: u64,
    pub(super) blocks: u64,
    pub(super) branch_targets: u64,
    pub(super) locals: u64,
    pub(super) calls: u64,
}

/// Reads a function once, or as far as the budget of blocks allows.
pub(super) fn scan(body: &FunctionBody<'_>, most_blocks: u64) -> Result<Body> {
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
                if found.blocks > most_blocks {
                    break;
                }
            }
            Operator::BrTable { targets } => found.branch_targets += u64::from(targets.len()),
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

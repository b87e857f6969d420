//! `wellhead schema`: the format of the files, for editors.

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

/// Print the JSON Schema of pipelines and customizations
///
/// Editors with a YAML language server use it for completion and validation:
///     # yaml-language-server: $schema=wellhead.schema.json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Schema {}

impl Schema {
    #[expect(clippy::unused_self, reason = "every command runs alike")]
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        context.printer.json(&wellhead_spec::schema())?;
        Ok(Exit::Done)
    }
}

//! The classes of the SDKs for JavaScript and Python, over the handles that their toolchains make.

mod contract;
mod javascript;
mod python;

use std::path::Path;

use self::contract::Contract;
use super::files::Files;

/// The files. `wit` is the contract's folder.
pub(super) fn layer(wit: &Path) -> Result<Files, String> {
    let contract = Contract::read(wit)?;
    let files = [
        ("plugins/sdk-javascript/src/pipeline.js", javascript::code(&contract)),
        ("plugins/sdk-javascript/src/pipeline.d.ts", javascript::types(&contract)),
        ("plugins/sdk-python/wellhead_plugin/pipeline.py", python::code(&contract)),
    ];
    Ok(files.into_iter().map(|(path, text)| (path.into(), text.into_bytes())).collect())
}

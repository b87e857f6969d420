//! What a plugin learns beside the pipeline: `context` and `facts`.

use serde_json::Value;
use wasmtime::Result;
use wellhead_spec::sanitize_name;

use super::Host;
use super::bindings::{context, facts};
use crate::session::fault::EditFault;
use crate::text::NAME_CHARACTERS;

impl context::Host for Host {
    fn base(&mut self, path: String) -> Result<Option<String>, EditFault> {
        let path = self.path_of(&path)?;
        let json = self.session.base(&path).map(Value::to_string);
        self.session.exchange(json.as_ref().map_or(0, String::len))?;
        Ok(json)
    }

    fn set_by(&mut self, path: String) -> Result<Option<String>, EditFault> {
        let path = self.path_of(&path)?;
        let name = self.session.set_by(&path).map(str::to_owned);
        self.session.exchange(name.as_ref().map_or(0, String::len))?;
        Ok(name)
    }

    fn live(&mut self, path: String) -> Result<Option<String>, EditFault> {
        self.path_of(&path)?;
        Ok(None)
    }

    fn knows_live(&mut self) -> Result<bool> {
        Ok(false)
    }
}

impl facts::Host for Host {
    fn get(&mut self, name: String) -> Result<Option<String>, EditFault> {
        self.session.exchange(name.len())?;
        if let Ok(text) = self.session.fact(&name) {
            // Counted before it is copied.
            self.session.exchange(text.map_or(0, str::len))?;
            return Ok(text.map(str::to_owned));
        }
        Err(self.session.deny_fact(sanitize_name(&name, NAME_CHARACTERS)))
    }
}

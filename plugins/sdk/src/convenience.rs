//! What plugins often need, made of the contract's functions.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Claim, Container, EditError, EditFailure, Pipeline, Place, Rejection};

impl Pipeline {
    /// All containers: the main container, the sidecars, then the init containers.
    pub fn all_containers(&self) -> Vec<Container> {
        let containers =
            self.container_names().into_iter().filter_map(|name| self.container(&name));
        let init = self.init_container_names().into_iter();
        containers.chain(init.filter_map(|name| self.init_container(&name))).collect()
    }

    /// The value at any path, read into a type: `get_as::<Vec<Toleration>>("tolerations")`. `None` where
    /// it is not set.
    pub fn get_as<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Rejection> {
        let json = self.get(path)?;
        json.map(|json| read(&json, path)).transpose()
    }

    /// Sets the value at any path from a type.
    pub fn set_as(&self, path: &str, value: &impl Serialize) -> Result<(), EditError> {
        self.set(path, &written(value, path)?)
    }

    /// Puts an item at the end of any list, e.g. of `tolerations`; returns the path of the item.
    pub fn append_as(&self, items: &str, item: &impl Serialize) -> Result<String, EditError> {
        self.append(items, &written(item, items)?)
    }

    /// Puts an item at a place of any list; returns the path of the item.
    pub fn insert_as(
        &self,
        items: &str,
        item: &impl Serialize,
        at: &Place,
    ) -> Result<String, EditError> {
        self.insert(items, &written(item, items)?, at)
    }

    /// All claims.
    pub fn claims(&self) -> Vec<Claim> {
        self.claim_names().into_iter().filter_map(|name| self.claim(&name)).collect()
    }
}

impl Container {
    /// Its path, e.g. `containers.nginx`, for rejections and findings.
    pub fn path(&self) -> String {
        let list = if self.init() { "initContainers" } else { "containers" };
        format!("{list}.{}", self.name())
    }
}

impl Claim {
    /// Its path, e.g. `claims.data`, for rejections and findings.
    pub fn path(&self) -> String {
        format!("claims.{}", self.name())
    }
}

/// Reads JSON of a place into a type.
pub(crate) fn read<T: DeserializeOwned>(json: &str, path: &str) -> Result<T, Rejection> {
    serde_json::from_str(json).map_err(|error| {
        Rejection::new(format!("the plugin reads it as another type: {error}")).at(path)
    })
}

fn written(value: &impl Serialize, path: &str) -> Result<String, EditError> {
    serde_json::to_string(value).map_err(|error| {
        let (path, message) = (path.to_owned(), error.to_string());
        EditError::Invalid(EditFailure { path, message, hint: None })
    })
}

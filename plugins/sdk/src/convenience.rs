//! What plugins often need, made of the contract's functions.

use crate::{Claim, Container, Pipeline};

impl Pipeline {
    /// All containers: the main container, the sidecars, then the init containers.
    pub fn all_containers(&self) -> Vec<Container> {
        let containers =
            self.container_names().into_iter().filter_map(|name| self.container(&name));
        let init = self.init_container_names().into_iter();
        containers.chain(init.filter_map(|name| self.init_container(&name))).collect()
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

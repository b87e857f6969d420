//! The worlds of which guests are.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The folder of track 0.1 of the contract.
const CONTRACT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../wit/v0.1");
/// That of track 0.2.
const CONTRACT_0_2: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../wit/v0.2");

/// What a plugin imports and exports: a world of the contract, or one that a test makes up.
#[derive(Clone, Debug)]
pub struct World {
    name: String,
    packages: Vec<String>,
    with_contract: bool,
    contract: &'static str,
    pub(super) encoding: StringEncoding,
}

impl World {
    /// A world of the contract, e.g. `transformer`.
    pub fn of_contract(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            packages: Vec::new(),
            with_contract: true,
            contract: CONTRACT,
            encoding: StringEncoding::UTF8,
        }
    }

    /// The same of track 0.2.
    pub fn of_track_0_2(name: &str) -> Self {
        Self { contract: CONTRACT_0_2, ..Self::of_contract(name) }
    }

    /// The world `w` of the package `test:made`, whose items are given; packages that it uses come
    /// before it, in the order of their dependencies. The contract can be used, too.
    pub fn of(packages: &[&str], items: &str) -> Self {
        let mut packages: Vec<String> = packages.iter().map(|it| (*it).to_owned()).collect();
        packages.push(format!("package test:made; world w {{ {items} }}"));
        Self { name: "test:made/w".to_owned(), packages, ..Self::of_contract("") }
    }

    /// The world `transformer` of a contract whose resource `pipeline` has one method more, e.g.
    /// `set-namespace: func(value: string);`.
    ///
    /// # Panics
    /// When the contract cannot be read.
    pub fn with_method(method: &str) -> Self {
        let mut files: Vec<_> = std::fs::read_dir(CONTRACT)
            .expect("the contract's folder can be read")
            .map(|file| file.expect("the contract's folder can be read").path())
            .collect();
        files.sort();
        let header = "package wellhead:plugin@0.1.0;";
        let mut contract = header.to_owned();
        for file in files {
            let text = std::fs::read_to_string(file).expect("the contract's files can be read");
            contract += &text.replace(header, "");
        }
        let before = "resource pipeline {";
        assert!(contract.contains(before), "the contract has the resource");
        let contract = contract.replace(before, &format!("{before} {method}"));
        Self { packages: vec![contract], with_contract: false, ..Self::of_contract("transformer") }
    }

    /// The same without the contract, so that a package can take its name.
    #[must_use]
    pub fn without_contract(self) -> Self {
        Self { with_contract: false, ..self }
    }

    /// How the plugin's texts are encoded.
    #[must_use]
    pub fn encoding(self, encoding: StringEncoding) -> Self {
        Self { encoding, ..self }
    }

    /// Encodes a core module in text as a component of this world.
    ///
    /// # Panics
    /// When the module is not valid, or does not fit the world.
    pub fn encode(&self, core: &str) -> Vec<u8> {
        self.encode_module(wat::parse_str(core).expect("the guest's text is a module"))
    }

    /// A core module in text that says that it is of this world, as compilers make it.
    ///
    /// # Panics
    /// When the module is not valid.
    pub fn module(&self, core: &str) -> Vec<u8> {
        self.embed(wat::parse_str(core).expect("the guest's text is a module"))
    }

    pub(super) fn encode_module(&self, module: Vec<u8>) -> Vec<u8> {
        ComponentEncoder::default()
            .module(&self.embed(module))
            .and_then(|mut encoder| encoder.encode())
            .expect("the guest fits its world")
    }

    /// A core module that says of which world it is.
    pub(super) fn embed(&self, mut module: Vec<u8>) -> Vec<u8> {
        let mut resolve = Resolve::default();
        let mut package = None;
        if self.with_contract {
            package = Some(resolve.push_dir(self.contract).expect("the contract is valid WIT").0);
        }
        for text in &self.packages {
            package = Some(resolve.push_str("test.wit", text).expect("the text is valid WIT"));
        }
        let package = package.expect("a world is of a package");
        let world = resolve.select_world(&[package], Some(&self.name)).expect("there is the world");
        embed_component_metadata(&mut module, &resolve, world, self.encoding)
            .expect("the world can be embedded");
        module
    }
}

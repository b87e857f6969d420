//! What wit-bindgen generates from the contract. Private: `lib.rs` lists what plugins see.
//!
//! The contract's worlds differ only in their exports, so each exported interface is generated as
//! a world of its own, and [`export!`](crate::export) combines those that a plugin implements; the
//! component encoder merges their descriptions into one. The worlds share one set of imports.

#![expect(
    missing_docs,
    clippy::pedantic,
    reason = "generated code; what reaches the public surface is documented in the contract"
)]

wit_bindgen::generate!({
    path: "wit",
    inline: "
        package wellhead:sdk;
        world imports {
            import wellhead:plugin/pipeline@0.2.0;
            import wellhead:plugin/log@0.2.0;
            import wellhead:plugin/facts@0.2.0;
            import wellhead:plugin/context@0.2.0;
        }
    ",
    world: "wellhead:sdk/imports",
    additional_derives: [PartialEq, Eq],
    generate_all,
});

/// Export of the interface `describe`.
pub mod describe {
    wit_bindgen::generate!({
        path: "wit",
        inline: "package wellhead:sdk; world describe { export wellhead:plugin/describe@0.2.0; }",
        world: "wellhead:sdk/describe",
        with: { "wellhead:plugin/types@0.2.0": crate::bindings::wellhead::plugin::types },
        pub_export_macro: true,
    });
}

/// Export of the interface `transform`.
pub mod transform {
    wit_bindgen::generate!({
        path: "wit",
        inline: "package wellhead:sdk; world transform { export wellhead:plugin/transform@0.2.0; }",
        world: "wellhead:sdk/transform",
        with: {
            "wellhead:plugin/types@0.2.0": crate::bindings::wellhead::plugin::types,
            "wellhead:plugin/pipeline@0.2.0": crate::bindings::wellhead::plugin::pipeline,
        },
        pub_export_macro: true,
    });
}

/// Export of the interface `validate`.
pub mod validate {
    wit_bindgen::generate!({
        path: "wit",
        inline: "package wellhead:sdk; world validate { export wellhead:plugin/validate@0.2.0; }",
        world: "wellhead:sdk/validate",
        with: {
            "wellhead:plugin/types@0.2.0": crate::bindings::wellhead::plugin::types,
            "wellhead:plugin/pipeline@0.2.0": crate::bindings::wellhead::plugin::pipeline,
        },
        additional_derives: [PartialEq, Eq],
        pub_export_macro: true,
    });
}

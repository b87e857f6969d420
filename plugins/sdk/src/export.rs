//! The macro that makes a crate a plugin, and what it expands to.

/// Makes a type the plugin of its crate: `export!(MyPlugin: Transformer)`, `export!(MyPlugin:
/// Validator)` or `export!(MyPlugin: Transformer + Validator)`. Call it once, in a crate of the
/// type `cdylib`.
///
/// Name, version, description, licence and homepage are the ones of the crate's `Cargo.toml`; without a
/// description there the crate does not compile.
#[macro_export]
macro_rules! export {
    ($plugin:ty: Transformer) => {
        $crate::export!(@describe $plugin);
        $crate::export!(@transform $plugin);
    };
    ($plugin:ty: Validator) => {
        $crate::export!(@describe $plugin);
        $crate::export!(@validate $plugin);
    };
    ($plugin:ty: Transformer + Validator) => {
        $crate::export!(@describe $plugin);
        $crate::export!(@transform $plugin);
        $crate::export!(@validate $plugin);
    };
    (@describe $plugin:ty) => {
        const _: () = assert!(
            !::core::env!("CARGO_PKG_DESCRIPTION").is_empty(),
            "a plugin needs a `description` in its Cargo.toml"
        );
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            struct Component;
            impl $crate::__private::describe::Guest for Component {
                fn describe() -> $crate::__private::describe::PluginInfo {
                    $crate::__private::plugin_info::<$plugin>(
                        ::core::env!("CARGO_PKG_NAME"),
                        ::core::env!("CARGO_PKG_VERSION"),
                        ::core::env!("CARGO_PKG_DESCRIPTION"),
                        ::core::env!("CARGO_PKG_LICENSE"),
                        ::core::env!("CARGO_PKG_HOMEPAGE"),
                    )
                }
            }
            $crate::__private::describe::export!(
                Component with_types_in $crate::__private::describe::root
            );
        };
    };
    (@transform $plugin:ty) => {
        const _: () = $crate::__private::is_transformer::<$plugin>();
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            struct Component;
            impl $crate::__private::transform::Guest for Component {
                fn transform(
                    target: &$crate::Pipeline,
                    config: $crate::__private::String,
                ) -> ::core::result::Result<(), $crate::RejectionRecord> {
                    ::core::result::Result::map_err(
                        $crate::__private::transform::<$plugin>(target, &config),
                        ::core::convert::Into::into,
                    )
                }
            }
            $crate::__private::transform::export!(
                Component with_types_in $crate::__private::transform::root
            );
        };
    };
    (@validate $plugin:ty) => {
        const _: () = $crate::__private::is_validator::<$plugin>();
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            struct Component;
            impl $crate::__private::validate::Guest for Component {
                fn validate(
                    target: &$crate::Pipeline,
                    config: $crate::__private::String,
                ) -> ::core::result::Result<
                    $crate::__private::Vec<$crate::Finding>,
                    $crate::RejectionRecord,
                > {
                    ::core::result::Result::map_err(
                        $crate::__private::validate::<$plugin>(target, &config),
                        ::core::convert::Into::into,
                    )
                }
            }
            $crate::__private::validate::export!(
                Component with_types_in $crate::__private::validate::root
            );
        };
    };
}

/// What [`export!`] expands to. Not for plugins to call.
#[doc(hidden)]
pub mod private {
    pub use std::string::String;
    pub use std::vec::Vec;

    use crate::{Finding, Pipeline, Plugin, Rejection, Transformer, Validator, config};

    /// Export of `describe`.
    pub mod describe {
        pub use crate::bindings::describe as root;
        pub use crate::bindings::describe::export;
        pub use crate::bindings::describe::exports::wellhead::plugin::describe::{
            Guest, PluginInfo,
        };
    }

    /// Export of `transform`.
    pub mod transform {
        pub use crate::bindings::transform as root;
        pub use crate::bindings::transform::export;
        pub use crate::bindings::transform::exports::wellhead::plugin::transform::Guest;
    }

    /// Export of `validate`.
    pub mod validate {
        pub use crate::bindings::validate as root;
        pub use crate::bindings::validate::export;
        pub use crate::bindings::validate::exports::wellhead::plugin::validate::Guest;
    }

    /// Compiles for transformers.
    pub const fn is_transformer<P: Transformer>() {}

    /// Compiles for validators.
    pub const fn is_validator<P: Validator>() {}

    /// What `describe` returns.
    pub fn plugin_info<P: Plugin>(
        name: &str,
        version: &str,
        description: &str,
        license: &str,
        homepage: &str,
    ) -> describe::PluginInfo {
        let texts = |list: &[&str]| list.iter().copied().map(str::to_owned).collect();
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        describe::PluginInfo {
            name: name.to_owned(),
            version: version.to_owned(),
            description: description.to_owned(),
            config_schema: P::config_schema(),
            writes: texts(P::WRITES),
            opens: texts(P::OPENS),
            facts: texts(P::FACTS),
            license: given(license),
            homepage: given(homepage),
            min_host: P::MIN_HOST.map(str::to_owned),
            extra: Vec::new(),
        }
    }

    /// Logs a panic, which otherwise ends the plugin without a word.
    fn log_panics() {
        #[cfg(target_arch = "wasm32")]
        std::panic::set_hook(Box::new(|panic| crate::log::warn(&panic.to_string())));
    }

    /// What `transform` does.
    pub fn transform<P: Transformer>(pipeline: &Pipeline, config: &str) -> Result<(), Rejection> {
        log_panics();
        P::transform(&config::read(config)?, pipeline)
    }

    /// What `validate` does.
    pub fn validate<P: Validator>(
        pipeline: &Pipeline,
        config: &str,
    ) -> Result<Vec<Finding>, Rejection> {
        log_panics();
        P::validate(&config::read(config)?, pipeline)
    }
}

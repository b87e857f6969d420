#!/bin/sh
# What a CI server runs for each change: `sh ci.sh`. It needs `wellhead` and the tools of the language.
set -eu

cargo fmt --check
cargo test --locked
wellhead plugin build
wellhead plugin test --no-build
wellhead plugin check

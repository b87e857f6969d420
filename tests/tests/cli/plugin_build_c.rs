//! `wellhead plugin build` of C where it cannot.
#![cfg(unix)]

use insta::assert_snapshot;

use crate::plugin_build::{build, project};

#[test]
fn a_machine_without_clang() {
    assert_snapshot!(build(&project("c", &[]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0804]: clang is not installed
      there is no program `clang`
    help: install it: `apt-get install clang lld wasi-libc libclang-rt-dev-wasm32`, `brew install llvm lld wasi-libc wasi-runtimes`, or unpack wasi-sdk and set WASI_SDK_PATH
    "#);
}

#[test]
fn a_clang_that_is_too_old() {
    let clang = ("clang", "echo 'Debian clang version 11.0.1-2'");
    assert_snapshot!(build(&project("c", &[clang]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0804]: clang 11.0.1 is too old
      at least 14.0 is needed
    help: install it: `apt-get install clang lld wasi-libc libclang-rt-dev-wasm32`, `brew install llvm lld wasi-libc wasi-runtimes`, or unpack wasi-sdk and set WASI_SDK_PATH
    "#);
}

#[test]
fn a_clang_without_its_linker() {
    let clang =
        ("clang", "case $2 in -print*) echo wasm-ld;; *) echo 'clang version 19.1.7';; esac");
    assert_snapshot!(build(&project("c", &[clang]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0804]: wasm-ld, clang's linker for WebAssembly, is not installed
      clang looks for wasm-ld
    help: install it: `apt-get install clang lld wasi-libc libclang-rt-dev-wasm32`, `brew install llvm lld wasi-libc wasi-runtimes`, or unpack wasi-sdk and set WASI_SDK_PATH
    "#);
}

#[test]
fn a_clang_without_a_library_for_webassembly() {
    let clang = (
        "clang",
        "case $2 in *wasm-ld) echo /bin/sh;; -print*) echo crt1-reactor.o;; *) echo 'clang version 19.1.7';; esac",
    );
    assert_snapshot!(build(&project("c", &[clang]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0804]: wasi-libc, a C library for WebAssembly, is not installed
      clang looks for crt1-reactor.o
    help: install it: `apt-get install clang lld wasi-libc libclang-rt-dev-wasm32`, `brew install llvm lld wasi-libc wasi-runtimes`, or unpack wasi-sdk and set WASI_SDK_PATH
    "#);
}

#[test]
fn a_clang_that_does_not_work() {
    let clang =
        ("clang", "echo 'error while loading shared libraries: libLLVM-14.so.1' >&2; exit 127");
    assert_snapshot!(build(&project("c", &[clang]), &[]), @r#"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error[WH0805]: clang is installed and does not work
      `clang --version` says:
        error while loading shared libraries: libLLVM-14.so.1
    help: install it: `apt-get install clang lld wasi-libc libclang-rt-dev-wasm32`, `brew install llvm lld wasi-libc wasi-runtimes`, or unpack wasi-sdk and set WASI_SDK_PATH
    "#);
}

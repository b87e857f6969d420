//! Compilation in a child process, and the cache of what it makes.

mod cache;
mod child;
mod note;
mod parent;
mod support;

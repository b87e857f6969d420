//! Third parties write plugins: the guides are followed from an empty folder to an object, as their
//! readers do it. One module for each language.

mod appends;
mod c;
mod go;
mod guide;
mod javascript;
mod misbehaviour;
mod python;
mod rust;
mod tools;

//! Which server a command reaches, through which proxy and as whom, beside what kubectl does with the same kubeconfigs
//! and the same environment.
//!
//! What kubectl does is kept in `kubectl.txt`, so that the comparison holds where there is no kubectl; where there is
//! one, it is asked again. `BLESS=1 cargo test -p wellhead-tests --test connect` writes the file anew.

mod bed;
mod cases;
mod endpoints;
mod failures;
mod helper;
mod oracle;

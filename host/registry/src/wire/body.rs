//! Bodies of answers, counted while they come.

use std::io::Read;
use std::time::{Duration, Instant};

use ureq::Body;
use wellhead_diagnostics::Code;

use super::origin::Origin;
use crate::RegistryError;
use crate::error::Result;

/// The body of an answer, which ends at its deadline at the latest.
pub(crate) struct Timed {
    reader: ureq::BodyReader<'static>,
    length: Option<u64>,
    ends: Instant,
    origin: Origin,
}

impl Timed {
    pub(crate) fn new(body: Body, within: Duration, origin: &Origin) -> Self {
        let length = body.content_length();
        let ends = Instant::now() + within;
        Self { reader: body.into_reader(), length, ends, origin: origin.clone() }
    }

    /// How many bytes it says that it has.
    pub(crate) fn length(&self) -> Option<u64> {
        self.length
    }

    /// The next bytes; none at the end.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let fails =
            |why: &str| RegistryError::new(Code::RegistryFails, format!("{} {why}", self.origin));
        if Instant::now() >= self.ends {
            return Err(fails("takes too long for an answer"));
        }
        self.reader.read(buffer).map_err(|error| {
            let inner = error.get_ref().and_then(|it| it.downcast_ref::<ureq::Error>());
            match inner {
                Some(ureq::Error::Timeout(_)) => fails("stopped in the middle of an answer"),
                _ if error.kind() == std::io::ErrorKind::TimedOut => {
                    fails("stopped in the middle of an answer")
                }
                _ => fails("broke an answer off"),
            }
        })
    }

    /// All of it, if it has at most so many bytes. `what` names it.
    pub(crate) fn all(mut self, most: u64, what: &str) -> Result<Vec<u8>> {
        let too_large = || {
            let message = format!("{} answers with {what} of more than {most} bytes", self.origin);
            RegistryError::new(Code::ContentTooLarge, message)
        };
        if self.length.is_some_and(|it| it > most) {
            return Err(too_large());
        }
        let too_large = too_large();
        let (mut bytes, mut buffer) = (Vec::new(), [0; 16 << 10]);
        loop {
            let read = self.read(&mut buffer)?;
            if read == 0 {
                return Ok(bytes);
            }
            if (bytes.len() + read) as u64 > most {
                return Err(too_large);
            }
            bytes.extend_from_slice(&buffer[..read]);
        }
    }
}

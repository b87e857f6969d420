//! What can become of a request.

use std::fmt;
use std::time::Duration;

/// What becomes of a request.
#[derive(Default)]
pub enum Fault {
    /// It passes.
    #[default]
    None,
    /// It passes once this has returned.
    Before(Box<dyn FnOnce() + Send>),
    /// The server does it; its answer passes once this has returned.
    After(Box<dyn FnOnce() + Send>),
    /// It passes late.
    Delay(Duration),
    /// The connection is reset before the server hears of it.
    Refuse,
    /// The server does it, and the connection is reset before any of the answer arrives.
    Lose,
    /// The server does it, and the connection is reset in the middle of the answer's body.
    CutBody,
    /// The server does it, and the connection ends in the middle of a TLS record of the answer.
    HalfRecord,
    /// The server does not hear of it; this is answered.
    Answer {
        /// The status code.
        code: u16,
        /// Seconds for the header `Retry-After`.
        retry_after: Option<u32>,
    },
    /// The server does it; this status code is answered.
    AnswerAfter(u16),
    /// The server does not hear of it, and nothing is answered.
    Silence,
    /// The server does it, and nothing is answered.
    SilenceAfter,
    /// It passes without its body.
    StripBody,
    /// It passes, and the answer says that the connection closes. So a server in front of HTTP/1.1 clients says what
    /// GOAWAY says to those of HTTP/2.
    Close,
    /// It passes, and the answer's `Date` is so many seconds later.
    Clock(i64),
}

impl Fault {
    /// 429 with the seconds to wait.
    pub fn busy(retry_after: u32) -> Self {
        Self::Answer { code: 429, retry_after: Some(retry_after) }
    }

    /// An error of the server that did nothing.
    pub fn error(code: u16) -> Self {
        Self::Answer { code, retry_after: None }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::None => "None",
            Self::Before(_) => "Before",
            Self::After(_) => "After",
            Self::Delay(_) => "Delay",
            Self::Refuse => "Refuse",
            Self::Lose => "Lose",
            Self::CutBody => "CutBody",
            Self::HalfRecord => "HalfRecord",
            Self::Answer { .. } => "Answer",
            Self::AnswerAfter(_) => "AnswerAfter",
            Self::Silence => "Silence",
            Self::SilenceAfter => "SilenceAfter",
            Self::StripBody => "StripBody",
            Self::Close => "Close",
            Self::Clock(_) => "Clock",
        };
        f.write_str(name)
    }
}

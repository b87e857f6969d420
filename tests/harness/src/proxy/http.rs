//! As much of HTTP/1.1 as passes between a client and an API server.

use std::io::{self, BufRead, Read, Write};

/// A request or an answer, with its body in one piece.
#[derive(Debug)]
pub(super) struct Message {
    /// The first line.
    pub(super) start: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Message {
    /// The next message, or `None` where the connection ends between two.
    pub(super) fn read(from: &mut impl BufRead) -> io::Result<Option<Self>> {
        let Some(start) = line(from)?.filter(|start| !start.is_empty()) else { return Ok(None) };
        let mut headers = Vec::new();
        loop {
            let line = line(from)?.ok_or(io::ErrorKind::UnexpectedEof)?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut message = Self { start, headers, body: Vec::new() };
        if message.header("transfer-encoding") == Some("chunked") {
            message.body = chunks(from)?;
            message.remove("transfer-encoding");
            message.set("content-length", message.body.len().to_string());
        } else if let Some(length) = message.header("content-length") {
            let length = length.parse().map_err(|_| io::ErrorKind::InvalidData)?;
            message.body = vec![0; length];
            from.read_exact(&mut message.body)?;
        }
        Ok(Some(message))
    }

    /// An answer of the proxy's own.
    pub(super) fn answer(code: u16, body: &str) -> Self {
        Self {
            start: format!("HTTP/1.1 {code} Fault"),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.as_bytes().to_owned(),
        }
    }

    /// A word of the first line.
    pub(super) fn word(&self, index: usize) -> &str {
        self.start.split(' ').nth(index).unwrap_or_default()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn set(&mut self, name: &str, value: String) {
        self.remove(name);
        self.headers.push((name.to_owned(), value));
    }

    fn remove(&mut self, name: &str) {
        self.headers.retain(|(found, _)| found != name);
    }

    /// The first line, the headers and the empty line.
    pub(super) fn head(&self) -> Vec<u8> {
        let headers = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let lines = std::iter::once(format!("{}\r\n", self.start)).chain(headers);
        lines.chain(["\r\n".to_owned()]).collect::<String>().into_bytes()
    }

    pub(super) fn write(&mut self, to: &mut impl Write) -> io::Result<()> {
        if !self.body.is_empty() || self.header("content-length").is_some() {
            self.set("content-length", self.body.len().to_string());
        }
        to.write_all(&[self.head(), self.body.clone()].concat())?;
        to.flush()
    }
}

/// A line without its end, or `None` at the end of the connection.
fn line(from: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    Ok(Some(line.trim_end().to_owned()))
}

/// <https://www.rfc-editor.org/rfc/rfc9112#section-7.1>
fn chunks(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = line(from)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let size = u64::from_str_radix(&size, 16).map_err(|_| io::ErrorKind::InvalidData)?;
        from.take(size).read_to_end(&mut body)?;
        line(from)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Message;

    #[test]
    fn a_chunked_body_becomes_one_piece() {
        let text = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        let mut message = Message::read(&mut &text[..]).unwrap().unwrap();
        assert_eq!(message.body, b"abcde");
        let mut written = Vec::new();
        message.write(&mut written).unwrap();
        assert!(written.ends_with(b"content-length: 5\r\n\r\nabcde"));
    }

    #[test]
    fn a_connection_may_end_between_messages_only() {
        assert!(Message::read(&mut &b""[..]).unwrap().is_none());
        Message::read(&mut &b"GET / HTTP/1.1\r\ncontent-length: 9\r\n\r\nabc"[..]).unwrap_err();
    }
}

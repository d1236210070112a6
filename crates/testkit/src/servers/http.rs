//! Just enough HTTP to set a server up.

use std::io::{Read, Write};
use std::net::TcpStream;

/// What a server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// Sends one request to a port of this machine. Every header is a whole line.
#[track_caller]
pub fn request(port: u16, line: &str, headers: &[&str], body: &str) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port))
        .unwrap_or_else(|error| panic!("nobody listens on {port}: {error}"));
    let headers = headers.iter().map(|header| format!("{header}\r\n")).collect::<String>();
    let text = format!(
        "{line} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut answer = Vec::new();
    stream
        .write_all(text.as_bytes())
        .and_then(|()| stream.read_to_end(&mut answer))
        .unwrap_or_else(|error| panic!("{line}: {error}"));
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.unwrap_or_else(|| panic!("{line}: this is no HTTP: {head}"));
    Answer { status, body: body.to_owned() }
}

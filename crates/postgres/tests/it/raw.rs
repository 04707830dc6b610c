//! A client that speaks the protocol message by message, to do what no driver does.

use bytes::BytesMut;
use postgres::embedded::Embedded;
use postgres_protocol::message::frontend;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

/// A message of the server: its kind and body.
pub type Heard = (char, Vec<u8>);

pub struct Raw {
    stream: UnixStream,
    /// The process id and secret that the server gave.
    pub key: (i32, i32),
}

impl Raw {
    pub fn connect(embedded: &Embedded) -> Self {
        let mut raw = Self { stream: UnixStream::connect(embedded.socket()).unwrap(), key: (0, 0) };
        let words = [("user", "postgres"), ("database", "postgres"), ("application_name", "raw client")];
        let mut packet = BytesMut::new();
        frontend::startup_message(words, &mut packet).unwrap();
        raw.stream.write_all(&packet).unwrap();
        let heard = raw.until_ready();
        let (_, body) = heard.iter().find(|(tag, _)| *tag == 'K').expect("a key");
        let number = |at: usize| i32::from_be_bytes(body[at..at + 4].try_into().unwrap());
        raw.key = (number(0), number(4));
        raw
    }

    pub fn send(&mut self, build: impl FnOnce(&mut BytesMut)) {
        let mut out = BytesMut::new();
        build(&mut out);
        self.stream.write_all(&out).unwrap();
    }

    pub fn query(&mut self, sql: &str) {
        self.send(|out| frontend::query(sql, out).unwrap());
    }

    /// `Parse`, as `name`.
    pub fn parse(&mut self, name: &str, sql: &str) {
        self.send(|out| {
            frontend::parse(name, sql, [], out).unwrap();
        });
    }

    /// `Bind` without parameters, and `Execute`.
    pub fn execute(&mut self, name: &str) {
        self.send(|out| {
            let none = std::iter::empty::<i16>();
            let bound = frontend::bind(
                "",
                name,
                none.clone(),
                std::iter::empty::<()>(),
                |(), _| unreachable!(),
                none,
                out,
            );
            assert!(bound.is_ok());
            frontend::execute("", 0, out).unwrap();
        });
    }

    pub fn sync(&mut self) {
        self.send(frontend::sync);
    }

    pub fn flush(&mut self) {
        self.send(frontend::flush);
    }

    pub fn copy_data(&mut self, data: &[u8]) {
        self.send(|out| frontend::CopyData::new(data).unwrap().write(out));
    }

    /// One message; `None` at the end of the stream.
    pub fn hear(&mut self) -> Option<Heard> {
        let mut head = [0; 5];
        self.stream.read_exact(&mut head).ok()?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let mut body = vec![0; length - 4];
        self.stream.read_exact(&mut body).ok()?;
        Some((char::from(head[0]), body))
    }

    /// Everything up to one of these kinds, or to the end of the stream.
    pub fn until(&mut self, last: &str) -> Vec<Heard> {
        let mut heard = Vec::new();
        while let Some(message) = self.hear() {
            let over = last.contains(message.0);
            heard.push(message);
            if over {
                break;
            }
        }
        heard
    }

    pub fn until_ready(&mut self) -> Vec<Heard> {
        self.until("Z")
    }

    /// Runs a query; gives what came back: `T D:1 C:SELECT 1 Z:I`.
    pub fn run(&mut self, sql: &str) -> String {
        self.query(sql);
        shown(&self.until_ready())
    }
}

/// The kinds in order; with the text of rows, the tag of completions, the state of errors, the status at the
/// end.
pub fn shown(heard: &[Heard]) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned();
    let words = heard.iter().map(|(tag, body)| match tag {
        // Of a row with one column: behind the number of columns and the length.
        'D' => format!("D:{}", text(body.get(6..).unwrap_or_default())),
        'C' => format!("C:{}", text(body)),
        'Z' => format!("Z:{}", text(body)),
        'E' => {
            let code = body.split(|byte| *byte == 0).find(|field| field.first() == Some(&b'C'));
            format!("E:{}", text(&code.unwrap_or_default()[1..]))
        }
        tag => tag.to_string(),
    });
    words.collect::<Vec<_>>().join(" ")
}

//! Rich text as people wrote it, before a format.

use super::mix;
use crate::rng::Rng;

/// A body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Doc {
    pub blocks: Vec<Block>,
}

/// A part of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block {
    Paragraph(Vec<Inline>),
    /// Its level, from 1.
    Heading(u8, Vec<Inline>),
    Bullets(Vec<Vec<Inline>>),
    Numbers(Vec<Vec<Inline>>),
    Quote(Vec<Inline>),
    Code(String),
    Rule,
    Image(File),
    Attachment(File),
    /// Something of another site, by its address.
    Embed {
        sgid: String,
        url: String,
    },
    Poll(Poll),
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Inline {
    Text(String, Option<Mark>),
    Link { text: String, url: String },
    Mention(Mention),
    Break,
}

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Bold,
    Italic,
    Strike,
    Code,
}

/// Somebody's name in a text, as a signed id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    pub sgid: String,
    /// The member's number; `None` when the map of objects does not know the id.
    pub member: Option<u32>,
}

/// A question with answers to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Poll {
    pub sgid: String,
    pub id: u64,
    pub question: &'static str,
    pub options: &'static [&'static str],
}

/// A file that somebody uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// The signed id in its address.
    pub key: String,
    pub name: String,
    pub content: &'static str,
    pub bytes: u64,
}

impl File {
    /// A file called like `stem`, of that content.
    pub fn new(stem: &str, content: &'static str, rng: &mut Rng) -> Self {
        let ending = match content {
            "image/jpeg" => "jpg",
            "image/png" => "png",
            "application/pdf" => "pdf",
            _ => "bin",
        };
        let key = signed(rng);
        let name = format!("{stem}-{}.{ending}", rng.below(1000));
        Self { name, content, bytes: size(&key), key }
    }

    /// What the file of that key holds.
    pub fn content(key: &str) -> Vec<u8> {
        let seed = key.bytes().fold(1u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
        (0..size(key)).map(|i| seed.wrapping_add((i % 251) as u8)).collect()
    }
}

/// Bytes of the file of that key: one packet at least, so that a cut shows.
fn size(key: &str) -> u64 {
    2_000 + key.bytes().fold(0, |sum, byte| mix(sum ^ u64::from(byte))) % 88_000
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A signed id as Rails makes them: Base64 of what it names, two dashes, a digest in hexadecimal.
pub(crate) fn signed(rng: &mut Rng) -> String {
    let name: String = (0..36).map(|_| BASE64[rng.index(64)] as char).collect();
    let digest: String = (0..2).map(|_| format!("{:016x}", rng.bits())).collect();
    format!("eyJfcmFpbHMi{name}--{digest}")
}

impl Doc {
    /// Every mention in it.
    pub fn mentions(&self) -> impl Iterator<Item = &Mention> {
        let lines = self.blocks.iter().flat_map(|block| match block {
            Block::Paragraph(line) | Block::Heading(_, line) | Block::Quote(line) => {
                std::slice::from_ref(line)
            }
            Block::Bullets(lines) | Block::Numbers(lines) => lines.as_slice(),
            _ => &[],
        });
        lines.flatten().filter_map(|inline| match inline {
            Inline::Mention(mention) => Some(mention),
            _ => None,
        })
    }

    /// Every file in it that is no picture.
    pub fn attachments(&self) -> impl Iterator<Item = &File> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Attachment(file) => Some(file),
            _ => None,
        })
    }
}

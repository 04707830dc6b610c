//! Writes bodies and titles: the same for the same record, seed and revision.

use super::docs::{Block, Doc, File, Inline, Mark, Mention, Poll, signed};
use super::members::edited;
use super::{Comment, Community, Event, Kind, Lesson, Message, Post, words};
use crate::rng::Rng;

/// Characters of a long body.
const LONG: usize = 100_000;
/// Characters of a long title.
const TITLE_LONG: usize = 300;

impl Community {
    /// The body of a post or a picture.
    pub(crate) fn post_doc(&self, post: &Post) -> Doc {
        let mut rng = self.settings.rng("post", post.id, post.revision);
        if post.odd == Some(Kind::BodyEmpty) {
            return Doc::default();
        }
        let mut doc = self.body(&mut rng, post.revision);
        let block = match post.odd {
            Some(Kind::BodyLong) => {
                let mut bytes = 0;
                while bytes < LONG {
                    let line = paragraph(&mut rng);
                    bytes += line.iter().map(length).sum::<usize>();
                    doc.blocks.push(Block::Paragraph(line));
                }
                return doc;
            }
            Some(Kind::BodyMention) => greeting(self.mention(&mut rng, &self.named)),
            Some(Kind::BodyMentionGone) => {
                let gone: Vec<u32> = self.absent().collect();
                greeting(self.mention(&mut rng, &gone))
            }
            Some(Kind::BodyMentionUnknown) => greeting(Mention { sgid: signed(&mut rng), member: None }),
            Some(Kind::BodyImage) => Block::Image(File::new("sunrise", "image/jpeg", &mut rng)),
            Some(Kind::BodyAttachment) => {
                Block::Attachment(File::new("practice plan", "application/pdf", &mut rng))
            }
            Some(Kind::BodyPoll) => {
                let (question, options) = words::POLLS[rng.index(words::POLLS.len())];
                Block::Poll(Poll {
                    sgid: signed(&mut rng),
                    id: 300 + rng.below(1_000_000),
                    question,
                    options,
                })
            }
            Some(Kind::BodyEmbed) => {
                let url = format!("https://video.example/watch?v={:x}&t=4s", rng.below(1 << 40));
                Block::Embed { sgid: signed(&mut rng), url }
            }
            Some(Kind::BodyOddText) => {
                let lines = words::ODD_TEXTS.iter().map(|text| vec![plain(*text)]).collect();
                Block::Bullets(lines)
            }
            _ => return doc,
        };
        let at = rng.index(doc.blocks.len() + 1);
        doc.blocks.insert(at, block);
        doc
    }

    /// The title of a post.
    pub(crate) fn post_title(&self, post: &Post) -> String {
        let mut rng = self.settings.rng("title", post.id, 0);
        match post.odd {
            Some(Kind::TitleEmpty) => String::new(),
            Some(Kind::TitleLong) => {
                let words = (0..).map(|_| rng.pick(words::TITLES));
                let mut title = String::new();
                for part in words {
                    title.push_str(part);
                    if title.chars().count() >= TITLE_LONG {
                        return title.chars().take(TITLE_LONG).collect();
                    }
                    title.push_str(" / ");
                }
                title
            }
            Some(Kind::TitleMarkup) => words::MARKUP_TITLES[rng.index(words::MARKUP_TITLES.len())].to_owned(),
            _ => format!("{}{}", rng.pick(words::TITLES), edited(post.revision)),
        }
    }

    /// What an administrator added to a post by hand.
    pub(crate) fn custom_html(&self, post: &Post) -> Option<&'static str> {
        (post.odd == Some(Kind::CustomHtml)).then_some(words::CUSTOM_HTML)
    }

    /// The picture above a post's title.
    pub(crate) fn cover(&self, post: &Post) -> Option<File> {
        let wanted = post.odd == Some(Kind::CoverImage) || post.image;
        wanted.then(|| File::new("cover", "image/jpeg", &mut self.settings.rng("cover", post.id, 0)))
    }

    /// The body of a comment.
    pub(crate) fn comment_doc(&self, comment: &Comment) -> Doc {
        let mut rng = self.settings.rng("comment", comment.id, comment.revision);
        let line = match comment.odd {
            Some(Kind::CommentEmpty) => return Doc::default(),
            Some(Kind::CommentMention) => {
                vec![
                    Inline::Mention(self.mention(&mut rng, &self.named)),
                    plain(format!(" {}", rng.pick(words::REPLIES))),
                ]
            }
            _ => vec![plain(format!("{}{}", rng.pick(words::REPLIES), edited(comment.revision)))],
        };
        let mut blocks = vec![Block::Paragraph(line)];
        if rng.chance(250) {
            blocks.push(Block::Paragraph(paragraph(&mut rng)));
        }
        Doc { blocks }
    }

    /// The description of an event.
    pub(crate) fn event_doc(&self, event: &Event) -> Doc {
        self.body(&mut self.settings.rng("event", event.id, event.revision), event.revision)
    }

    /// The text of a lesson.
    pub(crate) fn lesson_doc(&self, lesson: &Lesson) -> Doc {
        self.body(&mut self.settings.rng("lesson", lesson.id, 0), 0)
    }

    /// What somebody said in a room.
    pub(crate) fn message_doc(&self, message: &Message) -> Doc {
        let mut rng = self.settings.rng("message", message.id, 0);
        Doc { blocks: vec![Block::Paragraph(vec![plain(rng.pick(words::REPLIES))])] }
    }

    fn body(&self, rng: &mut Rng, revision: u32) -> Doc {
        let mut blocks = vec![Block::Paragraph(paragraph(rng))];
        for _ in 0..rng.below(4) {
            blocks.push(match rng.below(12) {
                0 => Block::Heading(rng.between(2, 3) as u8, vec![plain(rng.pick(words::TITLES))]),
                1 => Block::Bullets(lines(rng)),
                2 => Block::Numbers(lines(rng)),
                3 => Block::Quote(paragraph(rng)),
                4 => Block::Code(words::CODE.to_owned()),
                5 => Block::Rule,
                _ => Block::Paragraph(paragraph(rng)),
            });
        }
        if revision > 0 {
            blocks.push(Block::Paragraph(vec![plain(edited(revision))]));
        }
        Doc { blocks }
    }

    /// People who are in no list of members.
    pub(crate) fn absent(&self) -> impl Iterator<Item = u32> {
        let gone =
            self.members.iter().enumerate().filter(|(_, member)| !self.is_listed(member) && !member.removed);
        gone.map(|(i, _)| i as u32)
    }

    fn mention(&self, rng: &mut Rng, of: &[u32]) -> Mention {
        let member = (!of.is_empty()).then(|| of[rng.index(of.len())]);
        Mention { sgid: signed(rng), member }
    }
}

fn greeting(mention: Mention) -> Block {
    Block::Paragraph(vec![plain("Thank you, "), Inline::Mention(mention), plain("!")])
}

fn plain(text: impl Into<String>) -> Inline {
    Inline::Text(text.into(), None)
}

fn length(inline: &Inline) -> usize {
    match inline {
        Inline::Text(text, _) | Inline::Link { text, .. } => text.chars().count(),
        Inline::Mention(_) | Inline::Break => 0,
    }
}

fn lines(rng: &mut Rng) -> Vec<Vec<Inline>> {
    (0..rng.between(2, 4)).map(|_| vec![plain(rng.pick(words::REPLIES))]).collect()
}

/// One to three sentences, some with marks, a line break or a link between.
fn paragraph(rng: &mut Rng) -> Vec<Inline> {
    let mut line = Vec::new();
    for i in 0..rng.between(1, 3) {
        if i > 0 {
            line.push(plain(" "));
        }
        let sentence = rng.pick(words::SENTENCES).to_owned();
        let part = match rng.below(16) {
            0 => Inline::Text(sentence, Some(Mark::Bold)),
            1 => Inline::Text(sentence, Some(Mark::Italic)),
            2 => Inline::Text(sentence, Some(Mark::Strike)),
            3 => Inline::Text("landfall".to_owned(), Some(Mark::Code)),
            4 => Inline::Break,
            5 => Inline::Link {
                text: "read on".to_owned(),
                url: format!("https://{}.example/?a=1&b=%C3%A9", rng.pick(words::SITES)),
            },
            _ => plain(sentence),
        };
        line.push(part);
    }
    line
}

//! Sections and lessons of the spaces that are courses: a few, however many members there are.

use super::structure::{SpaceKind, written};
use super::{Community, Status, words};
use crate::culturebridge::START;
use crate::time::DAY;

/// A section of a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub id: u64,
    pub name: &'static str,
    /// The space's number.
    pub space: usize,
    pub created: i64,
}

/// A lesson of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lesson {
    pub id: u64,
    pub name: &'static str,
    pub section: u64,
    /// The space's number.
    pub space: usize,
    pub status: Status,
    pub created: i64,
}

impl Community {
    /// All sections, in order of their ids.
    pub(crate) fn sections(&self) -> Vec<Section> {
        let courses = written(SpaceKind::Course).into_iter().enumerate();
        courses
            .flat_map(|(c, space)| {
                words::SECTIONS.iter().enumerate().map(move |(s, name)| Section {
                    id: 4_100 + (c * 10 + s) as u64,
                    name,
                    space,
                    created: START + (c * 10 + s) as i64 * DAY,
                })
            })
            .collect()
    }

    /// All lessons, in order of their ids. The last one of each section is a draft.
    pub(crate) fn lessons(&self) -> Vec<Lesson> {
        let last = words::LESSONS.len() - 1;
        let lesson = |section: Section| {
            words::LESSONS.iter().enumerate().map(move |(l, name)| Lesson {
                id: section.id * 10 + l as u64,
                name,
                section: section.id,
                space: section.space,
                status: if l == last { Status::Draft } else { Status::Published },
                created: section.created + l as i64 * 3_600_000,
            })
        };
        self.sections().into_iter().flat_map(lesson).collect()
    }
}

//! The facts of a report.

mod entity;
mod export;
mod extras;
mod outcome;
mod run;
mod verification;

pub use entity::{Buckets, Completeness, Entity};
pub use export::{Export, LeftBehind};
pub use extras::{
    Difference, DifferenceField, DifferenceKind, Extras, Reject, Reset, Sample, SampleField, Values,
};
pub use outcome::{Check, CheckStatus, Finding, Level, Passwords, Rollback};
pub use run::{Phase, REPORT_VERSION, Report, Run, Status};
pub use verification::{
    Compared, EntityVerification, PasswordSample, ReferenceCheck, SampleResult, Verification,
};

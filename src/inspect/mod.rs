//! Questions asked of a data folder, whether a crawl works on it or not, and of what a crawl
//! would begin with.
//!
//! Handed a folder's path; returns plain, serialisable answers and their rendering for a person.
//! Nothing is written.

mod audit;
mod check;
mod fetched;
mod report;
mod robots;
mod status;
mod verify;
mod why;

pub use audit::{Breach, Rule};
pub use check::{Check, SiteCheck, UrlCheck, is_public, lacks_contact};
pub use fetched::FetchReport;
pub use report::{
    Gaps, PolitenessReport, RobotsInForce, RunTreatment, SiteTreatment, render_report,
};
pub use robots::{Judged, RobotsReport, Target, TargetError};
pub use status::{LastRun, Status};
pub use verify::Verification;
pub use why::{Holds, PastVisit, RuleAnswer, Why};

//! Questions asked of a data folder, whether a crawl works on it or not.
//!
//! Handed a folder's path; returns plain, serialisable answers and their rendering for a person.
//! Nothing is written.

mod status;

pub use status::{LastRun, Status};

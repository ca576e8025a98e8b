//! What a process's exit code says.

use crate::config::ConfigError;
use crate::export::ExportError;
use crate::store::StoreError;
use std::process::ExitCode;

/// What a process's exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// It could not be done.
    Failed = 1,
    /// The command line or the configuration is wrong; nothing was begun.
    WrongUse = 2,
    /// Finished, but some sites failed.
    SomeSitesFailed = 3,
    /// Interrupted; what was collected is kept.
    Interrupted = 130,
}

impl Exit {
    /// What an error means: its own kind, or any of its causes', counts.
    #[must_use]
    pub fn of_error(error: &anyhow::Error) -> Self {
        let wrong_use = error.chain().any(|cause| {
            let export = matches!(cause.downcast_ref(), Some(ExportError::NoFolder { .. }));
            let store = matches!(cause.downcast_ref(), Some(StoreError::Missing { .. }));
            let before = cause.is::<ConfigError>();
            before || export || store
        });
        if wrong_use {
            Self::WrongUse
        } else {
            Self::Failed
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

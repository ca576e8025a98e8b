//! What the log knows of a URL.

use crate::normal::NormalUrl;
use crate::politeness::{RobotsCopy, UnitState};
use crate::seeds::Seed;
use crate::store::{Found, Reader, StoreError, StoredSeed, UrlRow};

/// All that the folder knows of a URL.
pub(super) struct Known {
    pub(super) row: Option<UrlRow>,
    pub(super) found: Option<Found>,
    pub(super) seeds: Vec<StoredSeed>,
    pub(super) robots: Option<RobotsCopy>,
    pub(super) unit: Option<UnitState>,
    pub(super) story_url: Option<String>,
}

impl Known {
    pub(super) fn read(reader: &Reader, url: &NormalUrl) -> Result<Self, StoreError> {
        let row = reader.url(url)?;
        let unit = url.budget_unit();
        let story = row.as_ref().and_then(|row| row.article.as_deref());
        Ok(Self {
            story_url: match story {
                Some(id) => reader.story_url(id)?,
                None => None,
            },
            found: reader.found(url)?,
            row,
            seeds: reader.seeds()?,
            robots: reader.robots_copy(&url.robots_unit())?,
            unit: reader
                .unit_states()?
                .into_iter()
                .find(|state| state.unit == unit),
        })
    }

    /// The seeds in force.
    pub(super) fn active(&self) -> Vec<Seed> {
        let active = self.seeds.iter().filter(|stored| !stored.retired);
        active.map(|stored| stored.seed.clone()).collect()
    }
}

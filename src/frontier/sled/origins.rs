//! Which budget unit an origin belongs to, found once for all the URLs of a host.

use crate::normal::{BudgetUnit, StoredUrl, UrlError};
use std::collections::HashMap;

/// Origins that are remembered; a site with a host for every page is not to fill memory.
const MOST: usize = 100_000;

/// Origins that came before.
#[derive(Default)]
pub(super) struct Origins {
    known: HashMap<String, BudgetUnit>,
    /// Links come in runs of one host.
    last: Option<(String, BudgetUnit)>,
}

impl Origins {
    /// The budget unit of a URL.
    pub(super) fn unit(&mut self, url: StoredUrl<'_>) -> Result<&BudgetUnit, UrlError> {
        let origin = url.origin();
        let again = self.last.take().filter(|(last, _)| last == origin);
        let found = match again {
            Some(again) => again,
            None => (origin.to_owned(), self.find(url)?),
        };
        Ok(&self.last.insert(found).1)
    }

    fn find(&mut self, url: StoredUrl<'_>) -> Result<BudgetUnit, UrlError> {
        if let Some(unit) = self.known.get(url.origin()) {
            return Ok(unit.clone());
        }
        let unit = url.budget_unit()?;
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.insert(url.origin().to_owned(), unit.clone());
        Ok(unit)
    }
}

//! Quotas: how many pages of a site, and of all that descends from a seed, a run may ask for.
//!
//! A page is paid for before it is asked for, and what pays for it is on disk by then. Accounts
//! are charged some pages ahead, a block at a time: [`super::Verdict::NeedsCharge`] hands out a
//! [`Charge`], the store makes its totals durable with the next group of visits, and only the
//! charge that comes back covers a permit. So no kill, and no run of kills, exceeds a quota. A
//! kill loses what was charged and not yet spent, a block of an account at the most; a clean end
//! gives it back. Every request for a page counts: feeds, sitemaps, re-visits, further tries and
//! the targets of redirects; robots.txt files do not.

use super::verdict::{Hold, Refusal};
use crate::normal::BudgetUnit;
use std::collections::HashMap;

/// A block is this part of a quota …
const PART: u64 = 64;
/// … but never more pages than this.
const MOST: u64 = 16;

/// Whose quota pays for a page.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Payer {
    /// A budget unit: `crawl.site_max_pages`, or its own `max_pages`.
    Site(BudgetUnit),
    /// A seed, by its number in the store: its `max_pages`, for all that descends from it.
    Seed(u32),
}

/// Pages that are to be charged on disk before any of them is asked for. Only
/// [`super::Politeness::admit`] makes one, and [`super::Politeness::charged`] takes it back.
///
/// ```compile_fail,E0451
/// use gleaner::{normal::BudgetUnit, politeness::Charge};
/// let charge = Charge { unit: BudgetUnit::stored("example.org"), totals: vec![] }; // private fields
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Charge {
    unit: BudgetUnit,
    totals: Vec<(Payer, u64)>,
}

impl Charge {
    /// The budget unit that waits for it.
    #[must_use]
    pub fn unit(&self) -> &BudgetUnit {
        &self.unit
    }

    /// What each payer has been charged in this run by now, this charge included.
    #[must_use]
    pub fn totals(&self) -> &[(Payer, u64)] {
        &self.totals
    }
}

/// Pages of one payer in this run; `spent` ≤ `charged` ≤ `asked` ≤ its quota.
#[derive(Clone, Copy, Debug, Default)]
struct Account {
    /// Permits given.
    spent: u64,
    /// On disk.
    charged: u64,
    /// On disk, or on its way there.
    asked: u64,
}

/// All quotas, and what they have paid for.
#[derive(Debug, Default)]
pub(super) struct Quotas {
    every_site: Option<u64>,
    own: HashMap<Payer, u64>,
    accounts: HashMap<Payer, Account>,
}

impl Quotas {
    pub(super) fn new(every_site: Option<u64>) -> Self {
        Self {
            every_site,
            ..Self::default()
        }
    }

    /// Sets the quota of one payer.
    pub(super) fn set(&mut self, payer: Payer, most: u64) {
        self.own.insert(payer, most);
    }

    /// Takes up what a payer was charged in this run by an earlier process.
    pub(super) fn restore(&mut self, payer: Payer, pages: u64) {
        let account = self.accounts.entry(payer).or_default();
        account.asked = account.asked.max(pages);
        account.charged = account.asked;
        account.spent = account.asked;
    }

    /// Is one of the quotas that pay for a page used up?
    pub(super) fn check(&self, unit: &BudgetUnit, seed: u32) -> Result<(), Hold> {
        for (payer, most) in self.payers(unit, seed) {
            if self.account(&payer).spent >= most {
                return Err(Hold::Never(match payer {
                    Payer::Site(_) => Refusal::QuotaSpent,
                    Payer::Seed(_) => Refusal::SeedQuotaSpent,
                }));
            }
        }
        Ok(())
    }

    /// Is there a page left of what was charged? If not, what is to be charged first: nothing
    /// new where all of a quota is on its way to the disk already.
    pub(super) fn cover(&mut self, unit: &BudgetUnit, seed: u32) -> Result<(), Hold> {
        let mut totals = Vec::new();
        for (payer, most) in self.payers(unit, seed) {
            let account = self.accounts.entry(payer.clone()).or_default();
            if account.spent == account.charged {
                let block = (most / PART).clamp(1, MOST);
                account.asked = most.min(account.asked + block);
                totals.push((payer, account.asked));
            }
        }
        if totals.is_empty() {
            return Ok(());
        }
        let unit = unit.clone();
        Err(Hold::Charge(Charge { unit, totals }))
    }

    /// A charge is on disk.
    pub(super) fn charged(&mut self, charge: Charge) {
        for (payer, total) in charge.totals {
            let account = self.accounts.entry(payer).or_default();
            account.charged = account.charged.max(total);
        }
    }

    /// A permit is given that [`Quotas::cover`] found covered.
    pub(super) fn spend(&mut self, unit: &BudgetUnit, seed: u32) {
        for (payer, _) in self.payers(unit, seed) {
            self.accounts.entry(payer).or_default().spent += 1;
        }
    }

    /// What each payer has really spent.
    pub(super) fn spent(&self) -> Vec<(Payer, u64)> {
        let accounts = self.accounts.iter();
        accounts
            .map(|(payer, it)| (payer.clone(), it.spent))
            .collect()
    }

    /// The quotas that pay for a page.
    fn payers(&self, unit: &BudgetUnit, seed: u32) -> impl Iterator<Item = (Payer, u64)> + use<> {
        let none = self.own.is_empty() && self.every_site.is_none();
        let both = (!none).then(|| {
            let (site, seed) = (Payer::Site(unit.clone()), Payer::Seed(seed));
            let of_site = self.own.get(&site).copied().or(self.every_site);
            let of_seed = self.own.get(&seed).copied();
            [
                of_site.map(|most| (site, most)),
                of_seed.map(|most| (seed, most)),
            ]
        });
        both.into_iter().flatten().flatten()
    }

    fn account(&self, payer: &Payer) -> Account {
        self.accounts.get(payer).copied().unwrap_or_default()
    }
}

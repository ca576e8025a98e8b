//! What a site says of a page's use when it is asked for, and the record made of it when the page
//! has come.

use crate::clock::Millis;
use crate::config;
use crate::fetch::{Capture, FetchOutcome};
use crate::parse::{Directives, Parsed};
use crate::politeness::{RobotsFile, RobotsSays};
use crate::rights::{self, Policy, Rights, RobotsTxt, Signals, TdmFile, Use};
use jiff::Timestamp;
use std::sync::Arc;

/// For how long a page that wants to be paid for is not asked for again.
pub(super) const UNPAID: Millis = 30 * 86_400_000;

/// What was in force when a page was asked for; later changes do not count for it.
#[derive(Clone, Debug)]
pub(crate) struct InForce {
    pub(super) policy: Arc<Policy>,
    pub(super) robots: Option<(RobotsSays, RobotsFile)>,
    pub(super) tdm_file: Option<Arc<TdmFile>>,
}

/// The settings as the rights room takes them; names were checked when they were read.
pub(super) fn policy(config: &config::Rights) -> Policy {
    let declared = config.declared_uses.iter();
    Policy {
        declared: declared.filter_map(|name| Use::named(name)).collect(),
        strict_ai: config.strict_ai,
        leave_out_reserved: config.leave_out_reserved,
        policy_tokens: config.policy_tokens.clone(),
    }
}

impl InForce {
    /// The record of an answer that brought a page, or was refused.
    pub(super) fn record(&self, outcome: &FetchOutcome, parsed: Option<&Parsed>) -> Option<Rights> {
        match outcome {
            FetchOutcome::Fetched(page) | FetchOutcome::Refused(page) => {
                Some(self.of_page(page, parsed))
            }
            _ => None,
        }
    }

    fn of_page(&self, page: &Capture, parsed: Option<&Parsed>) -> Rights {
        let of_headers = Directives::of_headers(&page.headers);
        let robots_txt = self
            .robots
            .as_ref()
            .map(|(says, file)| robots_txt(says, file));
        let signals = Signals {
            url: page.url.url(),
            robots: self.robots.as_ref().map(|(says, _)| says),
            robots_txt: robots_txt.as_ref(),
            tdm_file: self.tdm_file.as_deref(),
            status: page.status,
            headers: &page.headers,
            body: &page.body,
            directives: parsed.map_or(&of_headers, |parsed| &parsed.directives),
            imprint: parsed.map(|parsed| &parsed.imprint),
            feed_terms: &[],
        };
        signals.evaluate(&self.policy, moment(page.ended))
    }
}

/// Whether an answer is a demand to pay.
pub(super) fn is_unpaid(page: &Capture) -> bool {
    rights::payment(page.status, &page.headers, &page.body).required
}

fn robots_txt(says: &RobotsSays, file: &RobotsFile) -> RobotsTxt {
    let hex = |byte: &u8| format!("{byte:02x}");
    RobotsTxt {
        fetched: moment(file.fetched).to_string(),
        sha256: file.sha256.iter().map(hex).collect(),
        status: file.status,
        etag: file.etag.clone(),
        agents: says.strangers.clone(),
    }
}

fn moment(millis: Millis) -> Timestamp {
    let millis = i64::try_from(millis).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}

//! What a publisher says about the use of its pages, and what follows for us.
//!
//! Handed the signals of one page (lines of robots.txt, the site's tdmrep.json, the answer's
//! status and headers, what the parser found in the body) and a [`Policy`], returns a [`Rights`]
//! record: each use with a yes, a no or an unknown and who said so, and what of the page may be
//! stored. Pure. Silence is never a yes, the strictest word wins, and what was said is kept as
//! it was said, since vocabularies change. Fetching is left to others, and so is obeying: who
//! may ask for a page is told by `politeness`, what is stored is done by `crawl`.
//!
//! One file a signal: Content-Usage (AIPREF), Content-Signal, `TDMRep`, licences and RSL
//! terms, payment; page directives and schema.org facts come read from `parse`.

mod aipref;
mod content_signal;
mod licences;
mod link_header;
mod merge;
mod payment;
mod record;
mod rsl;
mod tdm;
mod tdmrep;
#[cfg(test)]
mod tests;
mod uses;

pub use merge::{Policy, Signals};
pub use payment::payment;
pub use record::{
    Access, AiBlocks, Licence, Payment, Price, Rights, RobotsRules, RobotsTxt, Statement, Stored,
    Tdm,
};
pub use tdmrep::TdmFile;
pub use uses::{Answer, Standing, Use, Uses};

use http::HeaderMap;

/// The values of a header, one a line.
fn lines<'h>(
    headers: &'h HeaderMap,
    name: &str,
) -> impl Iterator<Item = std::borrow::Cow<'h, str>> {
    let values = headers.get_all(name).into_iter();
    values.map(|value| String::from_utf8_lossy(value.as_bytes()))
}

//! Query parameters that name a visitor or a campaign and never a page.
//!
//! Only names that are certain are listed: short words that carry data elsewhere (`ref`,
//! `source`, `id`, `page`, `p`, `cid`, `src`) are kept, since two URLs of one page cost a
//! request, and one URL for two pages costs a story. Names match in any case.

use std::cell::OnceCell;

/// Parameters that begin with these say where a visitor came from.
const PREFIXES: [&str; 17] = [
    "utm_",       // Urchin, Google Analytics and most others since
    "mtm_",       // Matomo
    "matomo_",    // Matomo
    "piwik_",     // Matomo's earlier name
    "hsa_",       // HubSpot ads
    "oly_",       // Omeda newsletters
    "vero_",      // Vero newsletters
    "bsft_",      // Blueshift newsletters
    "wt_mc",      // Webtrekk / Mapp
    "wt_zmc",     // Webtrekk / Mapp
    "wt.mc_",     // Webtrends
    "at_custom",  // AT Internet / Piano
    "elqtrack",   // Eloqua newsletters
    "guce_",      // Yahoo's consent page
    "_branch_",   // Branch app links
    "__cf_chl_",  // Cloudflare's challenge
    "fb_action_", // Facebook
];

/// Whole names, in byte order for the search.
const NAMES: [&str; 108] = [
    "__hsfp",
    "__hssc",
    "__hstc",
    "__s",
    "__tn__",
    "__twitter_impression",
    "__xts__",
    "_ga",
    "_gac",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_ke",
    "_kx",
    "_openstat",
    "action_object_map",
    "action_ref_map",
    "action_type_map",
    "amp_gsa",
    "amp_js_v",
    "at_bbc_team",
    "at_campaign",
    "at_campaign_type",
    "at_format",
    "at_link_id",
    "at_link_origin",
    "at_link_type",
    "at_medium",
    "at_ptr_name",
    "at_xt",
    "ck_subscriber_id",
    "dclid",
    "dicbo",
    "dm_i",
    "echobox",
    "ef_id",
    "elqaid",
    "elqat",
    "elqcampaignid",
    "epik",
    "fb_comment_id",
    "fb_ref",
    "fb_source",
    "fbclid",
    "ga_campaign",
    "ga_content",
    "ga_medium",
    "ga_place",
    "ga_source",
    "ga_term",
    "gad_campaignid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "gdffi",
    "gdfms",
    "gdftrk",
    "guccounter",
    "hsctatracking",
    "igsh",
    "igshid",
    "irclickid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mc_tc",
    "mibextid",
    "mkt_tok",
    "ml_subscriber",
    "ml_subscriber_hash",
    "msclkid",
    "nb_klid",
    "ns_campaign",
    "ns_fee",
    "ns_linkname",
    "ns_mchannel",
    "ns_source",
    "outbrainclickid",
    "pk_campaign",
    "pk_cid",
    "pk_content",
    "pk_keyword",
    "pk_kwd",
    "pk_medium",
    "pk_source",
    "pk_vid",
    "rb_clickid",
    "rdt_cid",
    "s_cid",
    "s_kwcid",
    "sccid",
    "sms_ss",
    "soc_src",
    "soc_trk",
    "srsltid",
    "tblci",
    "trk_contact",
    "trk_module",
    "trk_msg",
    "trk_sid",
    "ttclid",
    "twclid",
    "usqp",
    "wbraid",
    "wickedid",
    "xtor",
    "yclid",
];

/// Session ids by name alone.
const SESSIONS: [&str; 5] = [
    "phpsessid",
    "jsessionid",
    "asp.net_sessionid",
    "cftoken",
    "oscsid",
];

/// Session ids when the value looks like one: a news site may number its stories `sid=20240117`.
const SESSIONS_BY_VALUE: [&str; 7] = [
    "sid",
    "sessionid",
    "session_id",
    "sessid",
    "session",
    "sess",
    "zenid",
];

/// The parameters of one query.
pub(super) struct Parameters<'q> {
    query: &'q str,
    /// Whether `cftoken` is among them; looked for when it matters, and once.
    has_token: OnceCell<bool>,
}

impl<'q> Parameters<'q> {
    pub(super) fn of(query: &'q str) -> Self {
        Self {
            query,
            has_token: OnceCell::new(),
        }
    }

    /// Whether none is to be dropped.
    pub(super) fn all_stay(&self) -> bool {
        self.query.split('&').all(|part| self.stays(part))
    }

    /// Those that are not to be dropped, as they stand.
    pub(super) fn staying(&self) -> impl Iterator<Item = &'q str> {
        self.query.split('&').filter(|part| self.stays(part))
    }

    fn stays(&self, part: &str) -> bool {
        let (name, value) = parse(part);
        let is_empty = name.is_empty() && value.is_empty();
        !(is_empty || is_tracking(name) || self.is_session(name, value))
    }

    fn is_session(&self, name: &str, value: &str) -> bool {
        let is = |known: &&str| name.eq_ignore_ascii_case(known);
        SESSIONS.iter().any(is)
            || SESSIONS_BY_VALUE.iter().any(is) && looks_like_session(value)
            || starts_with(name, "aspsessionid")
            // ColdFusion's pair: the first half could be anything without the second.
            || is(&"cfid") && self.has_token()
    }

    fn has_token(&self) -> bool {
        let is_token = |part| parse(part).0.eq_ignore_ascii_case("cftoken");
        let look = || self.query.split('&').any(is_token);
        *self.has_token.get_or_init(look)
    }
}

fn parse(part: &str) -> (&str, &str) {
    let (name, value) = part.split_once('=').unwrap_or((part, ""));
    // `&amp;` that was escaped twice on the page.
    (name.strip_prefix("amp;").unwrap_or(name), value)
}

fn is_tracking(name: &str) -> bool {
    let lower = || name.bytes().map(|byte| byte.to_ascii_lowercase());
    let known = NAMES.binary_search_by(|known| known.bytes().cmp(lower()));
    known.is_ok() || PREFIXES.iter().any(|prefix| starts_with(name, prefix))
}

/// At least 16 hex digits, of which not all are decimal: those number stories.
fn looks_like_session(value: &str) -> bool {
    value.len() >= 16
        && value.bytes().all(|byte| byte.is_ascii_hexdigit())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Whether `text` begins with `prefix` (lower case), in any case.
pub(super) fn starts_with(text: &str, prefix: &str) -> bool {
    let start = text.as_bytes().get(..prefix.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_be_searched() {
        assert!(NAMES.is_sorted(), "{NAMES:?}");
        let all = NAMES
            .iter()
            .chain(&PREFIXES)
            .chain(&SESSIONS)
            .chain(&SESSIONS_BY_VALUE);
        assert!(all.into_iter().all(|name| *name == name.to_lowercase()));
    }
}

//! Why a URL may not enter.

use std::fmt;
use std::sync::Arc;

/// Why a URL may not enter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// On a site that no seed names.
    OtherSite,
    /// More links away from its seed than this limit allows.
    TooDeep(u8),
    /// This pattern of `exclude` keeps it out.
    Excluded(Arc<str>),
    /// There are `include` patterns, and none holds.
    NotIncluded,
    /// One redirect more than is followed.
    TooManyRedirects,
    /// The name of a file that is no page: this extension.
    UnwantedExtension(&'static str),
    /// More bytes than any page's URL has.
    TooLong,
    /// The shape of a URL that a site makes without end.
    Trap(Trap),
}

/// Shapes of URLs that a site makes without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trap {
    /// A path of very many segments.
    DeepPath,
    /// A segment, or a run of segments, over and over: relative links gone wrong.
    RepeatedSegments,
    /// Sitemaps that name sitemaps that name sitemaps.
    NestedSitemaps,
    /// Days, months and years without news.
    Calendar,
    /// A list that goes on without showing anything more.
    Pagination,
    /// The same pages under ever new tokens.
    SessionId,
    /// The same list in each order and selection.
    Parameters,
    /// Paths that grow by a segment with each link.
    Deepening,
    /// Numbered pages that lead nowhere.
    Barren,
}

impl Rejection {
    /// The word under which it is counted and kept.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::OtherSite => "other_site",
            Self::TooDeep(_) => "too_deep",
            Self::Excluded(_) => "excluded",
            Self::NotIncluded => "not_included",
            Self::TooManyRedirects => "too_many_redirects",
            Self::UnwantedExtension(_) => "unwanted_extension",
            Self::TooLong => "too_long",
            Self::Trap(Trap::DeepPath) => "trap_deep_path",
            Self::Trap(Trap::RepeatedSegments) => "trap_repeated_segments",
            Self::Trap(Trap::NestedSitemaps) => "trap_nested_sitemaps",
            Self::Trap(Trap::Calendar) => "trap_calendar",
            Self::Trap(Trap::Pagination) => "trap_pagination",
            Self::Trap(Trap::SessionId) => "trap_session_id",
            Self::Trap(Trap::Parameters) => "trap_parameters",
            Self::Trap(Trap::Deepening) => "trap_deepening",
            Self::Trap(Trap::Barren) => "trap_barren",
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherSite => f.write_str("on a site that no seed names"),
            Self::TooDeep(limit) => write!(f, "more than {limit} links away from its seed"),
            Self::Excluded(pattern) => write!(f, "excluded by the pattern `{pattern}`"),
            Self::NotIncluded => f.write_str("no `include` pattern holds"),
            Self::TooManyRedirects => write!(f, "more than {} redirects", super::MOST_HOPS),
            Self::UnwantedExtension(ext) => write!(f, "a `.{ext}` file is no page"),
            Self::TooLong => write!(f, "longer than {} bytes", super::shape::MOST_BYTES),
            Self::Trap(Trap::DeepPath) => {
                write!(
                    f,
                    "a path of more than {} segments",
                    super::shape::MOST_SEGMENTS
                )
            }
            Self::Trap(Trap::RepeatedSegments) => f.write_str("a path that repeats itself"),
            Self::Trap(Trap::NestedSitemaps) => f.write_str("sitemaps nested too deep"),
            Self::Trap(Trap::Calendar) => f.write_str("a calendar that shows nothing new"),
            Self::Trap(Trap::Pagination) => f.write_str("a list whose pages show nothing new"),
            Self::Trap(Trap::SessionId) => f.write_str("known pages under ever new tokens"),
            Self::Trap(Trap::Parameters) => {
                f.write_str("a list in one order more, which shows nothing new")
            }
            Self::Trap(Trap::Deepening) => f.write_str("paths that grow and show nothing new"),
            Self::Trap(Trap::Barren) => f.write_str("numbered pages that show nothing new"),
        }
    }
}

//! What several themes need.

pub(crate) mod answer;
pub(crate) mod site;

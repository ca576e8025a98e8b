//! What several themes need: a scripted site, the news that it carries, and a user of the program.

pub(crate) mod answer;
pub(crate) mod news;
pub(crate) mod site;
pub(crate) mod user;

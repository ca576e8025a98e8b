//! A new frontier in the place of a damaged one, out of what the visit log says is queued.

use super::commit::Prepared;
use super::engine::Engine;
use super::keys::Order;
use super::record::{Pack, Packer, Units};
use super::state::State;
use super::{SledFrontier, engine};
use crate::clock::Millis;
use crate::frontier::FrontierError;
use crate::frontier::codec::CodecError;
use crate::frontier::entry::Link;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io, mem};

/// Bytes of links that wait to be packed with others.
const PACKING_BYTES: usize = 32 << 20;
/// Records in a batch.
const BATCH: usize = 1_000;

/// A link that is queued, as the visit log knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// The link.
    pub link: Link,
    /// When it may be tried again, if it failed before.
    pub due: Option<Millis>,
    /// Visits that have failed.
    pub failures: u8,
}

/// Why a frontier could not be rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError<E: std::error::Error + 'static> {
    /// The new frontier could not be written.
    #[error(transparent)]
    Frontier(#[from] FrontierError),
    /// The links could not be read.
    #[error("the queued links could not be read")]
    Links(#[source] E),
}

/// Builds a frontier in `path` out of `links`, covering `mark`.
pub(super) fn rebuild<E: std::error::Error + 'static>(
    path: &Path,
    salt: u64,
    links: impl Iterator<Item = Result<Rebuilt, E>>,
    mark: u64,
) -> Result<SledFrontier, RebuildError<E>> {
    set_aside(path).map_err(|error| engine::disk_failed(path, error))?;
    let mut builder = Builder {
        engine: Engine::open(path)?,
        state: State::new(salt),
        packer: Packer::default(),
        units: Units::default(),
        prepared: Prepared::default(),
    };
    for link in links {
        builder.add(&link.map_err(RebuildError::Links)?)?;
    }
    Ok(builder.finish(mark)?)
}

struct Builder {
    engine: Engine,
    state: State,
    packer: Packer,
    units: Units,
    prepared: Prepared,
}

impl Builder {
    fn add(&mut self, queued: &Rebuilt) -> Result<(), FrontierError> {
        let link = &queued.link;
        if !self.state.seen.insert(self.state.hash(link), true) {
            return Ok(());
        }
        let unit = self.units.of(link);
        self.state.count_in(unit.clone(), 1);
        if queued.due.is_some() || queued.failures > 0 {
            let due = queued.due.unwrap_or_default();
            let pack = Pack::single(unit, link, queued.failures);
            return self.put(pack, Order::Later(due));
        }
        self.packer.push(&unit, link);
        let packs = if self.packer.bytes() > PACKING_BYTES {
            self.packer.take_all()
        } else {
            self.packer.take_full()
        };
        self.put_all(packs)
    }

    fn put_all(&mut self, packs: Vec<Pack>) -> Result<(), FrontierError> {
        for pack in packs {
            let order = Order::Ready(pack.priority);
            self.put(pack, order)?;
        }
        Ok(())
    }

    fn put(&mut self, pack: Pack, order: Order) -> Result<(), FrontierError> {
        let put = self.state.put(&mut self.prepared, pack, order);
        put.map_err(|error: CodecError| self.engine.damaged(error.to_string()))?;
        if self.prepared.fresh.len() >= BATCH {
            let Prepared { batch, fresh } = mem::take(&mut self.prepared);
            self.engine.apply(batch)?;
            self.state.publish(fresh);
        }
        Ok(())
    }

    /// Writes the figures last: without them the folder counts as damaged.
    fn finish(mut self, mark: u64) -> Result<SledFrontier, FrontierError> {
        let packs = self.packer.take_all();
        self.put_all(packs)?;
        let Prepared { mut batch, fresh } = self.prepared;
        self.state.put_figures(&mut batch, mark);
        self.engine.commit(batch)?;
        self.state.publish(fresh);
        Ok(SledFrontier::of(self.engine, self.state))
    }
}

/// Renames a damaged folder to `<name>.damaged-<n>` beside it, and deletes those of before.
fn set_aside(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return Ok(());
    }
    let before = damaged_folders(path)?;
    let newest = before.iter().map(|(number, _)| *number).max();
    let number = newest.unwrap_or_default().saturating_add(1);
    fs::rename(path, damaged_name(path, number))?;
    for (_, folder) in before {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

fn damaged_name(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".damaged-{number}"));
    name.into()
}

/// The real folders beside `path` that bear a name of [`damaged_name`], to the letter.
fn damaged_folders(path: &Path) -> io::Result<Vec<(u32, PathBuf)>> {
    let mut found = Vec::new();
    let mut beginning = path.file_name().map(OsString::from).unwrap_or_default();
    beginning.push(".damaged-");
    let beginning = beginning.to_string_lossy().into_owned();
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    for entry in fs::read_dir(parent.unwrap_or(Path::new(".")))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let number = name
            .strip_prefix(&beginning)
            .and_then(|digits| digits.parse().ok());
        if let Some(number) = number
            && entry.file_type()?.is_dir()
            && damaged_name(path, number).file_name() == Some(&entry.file_name())
        {
            found.push((number, damaged_name(path, number)));
        }
    }
    Ok(found)
}

//! A record: up to 64 links of one budget unit and one priority, under one key.
//!
//! Its value is one byte of failures, then the links (see `codec`). Links of one commit that
//! share unit and priority are packed together; a record stays as it is until its last link is
//! settled, and the journal says which ones are.

use crate::frontier::codec::{CodecError, Encoder, LinkReader, RawLink};
use crate::frontier::entry::Link;
use crate::normal::BudgetUnit;
use std::collections::HashMap;
use std::mem;

/// Links in a record at most: one bit each in the word that remembers which are settled.
pub(super) const MAX_LINKS: u64 = 64;

/// Links of one unit and priority, ready to be stored.
pub(super) struct Pack {
    pub(super) unit: BudgetUnit,
    pub(super) priority: u8,
    /// How many they are.
    pub(super) links: u64,
    pub(super) value: Vec<u8>,
}

impl Pack {
    /// A record of one link that failed before.
    pub(super) fn single(unit: BudgetUnit, link: &Link, failures: u8) -> Self {
        let mut links = Encoder::default();
        links.push(link.into());
        Self::of(unit, link.priority, failures, links)
    }

    fn of(unit: BudgetUnit, priority: u8, failures: u8, links: Encoder) -> Self {
        Self {
            unit,
            priority,
            links: links.count(),
            value: value(failures, links),
        }
    }
}

fn value(failures: u8, links: Encoder) -> Vec<u8> {
    let mut value = vec![failures];
    value.append(&mut links.finish());
    value
}

/// A reader over the links of a record's value, and the failures that they share.
pub(super) fn open<B: AsRef<[u8]>>(value: B) -> Result<(u8, LinkReader<B>), CodecError> {
    let failures = value.as_ref().first().copied();
    let failures = failures.ok_or(CodecError::Garbled("empty"))?;
    let reader = LinkReader::new(value, 1)?;
    if (1..=MAX_LINKS).contains(&reader.left()) {
        Ok((failures, reader))
    } else {
        Err(CodecError::Garbled("no link, or too many for a record"))
    }
}

/// A bit for each of `links` places (1 to 64).
pub(super) fn all_places(links: u64) -> u64 {
    u64::MAX >> (MAX_LINKS - links.clamp(1, MAX_LINKS))
}

/// Packs links into records as they come.
#[derive(Default)]
pub(super) struct Packer {
    /// Some few priorities a unit.
    open: HashMap<BudgetUnit, Vec<(u8, Encoder)>>,
    full: Vec<Pack>,
    bytes: usize,
}

impl Packer {
    /// Adds a link of `unit`.
    pub(super) fn push(&mut self, unit: &BudgetUnit, link: RawLink<'_>) {
        let priority = link.priority();
        let links = self.open(unit, priority);
        let before = links.size();
        links.push(link);
        let added = links.size() - before;
        let full = (links.count() == MAX_LINKS).then(|| mem::take(links));
        self.bytes += added;
        if let Some(links) = full {
            let pack = Pack::of(unit.clone(), priority, 0, links);
            self.full.push(pack);
        }
    }

    fn open(&mut self, unit: &BudgetUnit, priority: u8) -> &mut Encoder {
        let slots = self.open.entry(unit.clone()).or_default();
        let at = slots.iter().position(|slot| slot.0 == priority);
        let at = at.unwrap_or_else(|| {
            slots.push((priority, Encoder::default()));
            slots.len() - 1
        });
        &mut slots[at].1
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes out the records that are full.
    pub(super) fn take_full(&mut self) -> Vec<Pack> {
        self.bytes -= self
            .full
            .iter()
            .map(|pack| pack.value.len())
            .sum::<usize>()
            .min(self.bytes);
        mem::take(&mut self.full)
    }

    /// Takes out all; older records of a unit and priority stand before younger ones.
    pub(super) fn take_all(&mut self) -> Vec<Pack> {
        let mut packs = mem::take(&mut self.full);
        for (unit, slots) in self.open.drain() {
            let slots = slots.into_iter().filter(|(_, links)| links.count() > 0);
            packs.extend(slots.map(|(priority, links)| Pack::of(unit.clone(), priority, 0, links)));
        }
        self.bytes = 0;
        packs
    }

    /// Takes out the record of a unit and priority that is not full yet.
    pub(super) fn take(&mut self, unit: &BudgetUnit, priority: u8) -> Option<Pack> {
        let mut slots = self.open.get_mut(unit)?.iter_mut();
        let (_, links) = slots.find(|(of, links)| *of == priority && links.count() > 0)?;
        self.bytes = self.bytes.saturating_sub(links.size());
        Some(Pack::of(unit.clone(), priority, 0, mem::take(links)))
    }

    /// Takes out the links whose text is among the `gone`.
    pub(super) fn withdraw(&mut self, gone: impl Fn(&[u8]) -> bool) -> Result<(), CodecError> {
        for pack in self.take_all() {
            let (_, mut links) = open(pack.value)?;
            while links.advance()? {
                if !gone(links.text()) {
                    self.push(&pack.unit, links.raw()?);
                }
            }
        }
        Ok(())
    }
}

/// Finds budget units, at little cost for links that follow others of their host.
#[derive(Default)]
pub(super) struct Units {
    last: Option<(String, Option<u16>, BudgetUnit)>,
}

impl Units {
    /// The budget unit of a link.
    pub(super) fn of(&mut self, link: &Link) -> BudgetUnit {
        let url = link.url.url();
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default();
        match &self.last {
            Some((last, last_port, unit)) if last == host && *last_port == port => unit.clone(),
            _ => {
                let unit = link.url.budget_unit();
                self.last = Some((host.to_owned(), port, unit.clone()));
                unit
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontier::Via;
    use crate::normal::NormalUrl;

    fn link(n: u64, priority: u8) -> Link {
        Link {
            url: NormalUrl::parse(&format!("http://www.a.example/{n}")).unwrap(),
            seed: 1,
            depth: 1,
            hops: 0,
            via: Via::Front,
            priority,
        }
    }

    fn packed(numbers: std::ops::Range<u64>) -> Packer {
        let mut packer = Packer::default();
        let mut units = Units::default();
        for n in numbers {
            let link = link(n, (n % 2) as u8);
            packer.push(&units.of(&link), (&link).into());
        }
        packer
    }

    fn texts(packs: Vec<Pack>, priority: u8) -> Vec<String> {
        let mut texts = Vec::new();
        for pack in packs.into_iter().filter(|pack| pack.priority == priority) {
            let (failures, mut links) = open(pack.value).unwrap();
            assert_eq!(failures, 0);
            while links.advance().unwrap() {
                texts.push(links.link().unwrap().url.as_str().to_owned());
            }
        }
        texts
    }

    #[test]
    fn links_are_packed_by_priority_and_keep_their_order() {
        let packs = packed(0..200).take_all();
        assert_eq!(packs.len(), 4, "100 links of each priority, 64 a record");
        let even = (0..200)
            .step_by(2)
            .map(|n| format!("http://www.a.example/{n}"));
        assert_eq!(texts(packs, 0), even.collect::<Vec<_>>());
    }

    #[test]
    fn withdrawn_links_are_gone_and_the_rest_keeps_its_order() {
        let mut packer = packed(0..6);
        packer.withdraw(|text| text.ends_with(b"/2")).unwrap();
        let packs = packer.take_all();
        assert_eq!(
            texts(packs, 0),
            ["http://www.a.example/0", "http://www.a.example/4"]
        );
    }

    #[test]
    fn a_value_without_links_is_no_record() {
        assert!(open(value(0, Encoder::default())).is_err());
        assert!(open([].as_slice()).is_err());
    }
}

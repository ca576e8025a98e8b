//! Which budget unit next, and when a page should be visited again. Pure: handed times, returns times.

use crate::clock::Millis;
use crate::normal::BudgetUnit;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use std::time::Duration;

/// Budget units in one heap by the time they are ready; first come, first served among those
/// ready. A unit that waits costs one heap node, not a task.
#[derive(Debug, Default)]
pub struct Schedule {
    heap: BinaryHeap<Reverse<(Millis, u64, BudgetUnit)>>,
    /// The one valid node of each unit; others in the heap are stale and dropped when met.
    waiting: HashMap<BudgetUnit, (Millis, u64)>,
    turns: u64,
}

impl Schedule {
    /// Lets a unit wait until `at`, whatever was set before.
    pub fn wait(&mut self, unit: BudgetUnit, at: Millis) {
        self.turns += 1;
        self.waiting.insert(unit.clone(), (at, self.turns));
        self.heap.push(Reverse((at, self.turns, unit)));
    }

    /// Makes sure that a unit gets its turn at `at` or sooner.
    pub fn wake(&mut self, unit: &BudgetUnit, at: Millis) {
        if self.waiting.get(unit).is_none_or(|(until, _)| *until > at) {
            self.wait(unit.clone(), at);
        }
    }

    /// Takes the unit that has been ready for the longest time.
    pub fn pop(&mut self, now: Millis) -> Option<BudgetUnit> {
        if self.next_ready()? > now {
            return None;
        }
        let Reverse((_, _, unit)) = self.heap.pop()?;
        self.waiting.remove(&unit);
        Some(unit)
    }

    /// When the next unit is ready.
    pub fn next_ready(&mut self) -> Option<Millis> {
        loop {
            let Reverse((at, turn, unit)) = self.heap.peek()?;
            if self.waiting.get(unit) == Some(&(*at, *turn)) {
                return Some(*at);
            }
            self.heap.pop();
        }
    }

    /// Units that wait for their turn.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether no unit waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

/// Keeps hosts that answer slowly to half of the slots, so that they can't hold up the quick ones.
#[derive(Debug)]
pub struct SlowLane {
    most: usize,
    open: HashSet<BudgetUnit>,
    /// Units whose turn came while the lane was full, each once.
    waiting: VecDeque<BudgetUnit>,
    known: HashSet<BudgetUnit>,
}

impl SlowLane {
    /// A response that takes longer makes a host slow.
    pub const SLOW: Duration = Duration::from_secs(2);

    /// A lane of half of `slots`, at least one.
    #[must_use]
    pub fn new(slots: usize) -> Self {
        Self {
            most: (slots / 2).max(1),
            open: HashSet::new(),
            waiting: VecDeque::new(),
            known: HashSet::new(),
        }
    }

    /// Whether one more slow host may be asked; if not, it waits until [`SlowLane::freed`]
    /// hands it out.
    pub fn has_room(&mut self, unit: &BudgetUnit) -> bool {
        let room = self.open.len() < self.most;
        if !room && self.known.insert(unit.clone()) {
            self.waiting.push_back(unit.clone());
        }
        room
    }

    /// A host that waited and gets its turn now that there is room. It may have nothing left to
    /// be asked for: then there still is room, and the next one comes out.
    pub fn freed(&mut self) -> Option<BudgetUnit> {
        if self.open.len() >= self.most {
            return None;
        }
        let unit = self.waiting.pop_front()?;
        self.known.remove(&unit);
        Some(unit)
    }

    /// Whether no host waits for room.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// A request to a slow host has begun.
    pub fn enter(&mut self, unit: BudgetUnit) {
        self.open.insert(unit);
    }

    /// A request has ended.
    pub fn leave(&mut self, unit: &BudgetUnit) {
        self.open.remove(unit);
    }
}

/// How long a page that lists news is left alone. A run ends before, and the next one begins
/// with all of them.
pub const REVISIT: Duration = Duration::from_mins(30);

/// The pause before try number `failures` + 1: `first`, doubled with each failure.
#[must_use]
pub fn retry_pause(first: Duration, failures: u8) -> Duration {
    first * 2u32.saturating_pow(u32::from(failures.saturating_sub(1)).min(16))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(name: &str) -> BudgetUnit {
        BudgetUnit::stored(name)
    }

    #[test]
    fn the_unit_that_has_been_ready_longest_comes_first() {
        let mut schedule = Schedule::default();
        schedule.wait(unit("late"), 30);
        schedule.wait(unit("a"), 10);
        schedule.wait(unit("b"), 10);
        assert_eq!(schedule.pop(5), None);
        assert_eq!(schedule.pop(20), Some(unit("a")));
        assert_eq!(schedule.pop(20), Some(unit("b")));
        assert_eq!(schedule.pop(20), None);
        assert_eq!(schedule.next_ready(), Some(30));
    }

    #[test]
    fn a_unit_waits_once_and_waking_never_delays_it() {
        let mut schedule = Schedule::default();
        schedule.wait(unit("a"), 50);
        schedule.wake(&unit("a"), 90);
        assert_eq!(schedule.next_ready(), Some(50));
        schedule.wake(&unit("a"), 20);
        assert_eq!((schedule.len(), schedule.pop(20)), (1, Some(unit("a"))));
        assert_eq!((schedule.pop(100), schedule.is_empty()), (None, true));
    }

    #[test]
    fn slow_hosts_hold_half_of_the_slots_at_most() {
        let mut lane = SlowLane::new(4);
        for name in ["a", "b"] {
            assert!(lane.has_room(&unit(name)));
            lane.enter(unit(name));
        }
        for name in ["c", "d", "c"] {
            assert!(!lane.has_room(&unit(name)));
        }
        lane.leave(&unit("quick"));
        assert_eq!(lane.freed(), None);
        lane.leave(&unit("a"));
        assert_eq!(lane.freed(), Some(unit("c")));
        // What was handed out may need no slot: the next is not left behind.
        assert_eq!(
            (lane.freed(), lane.freed(), lane.is_empty()),
            (Some(unit("d")), None, true)
        );
    }

    #[test]
    fn the_pause_doubles_with_each_failure() {
        let first = Duration::from_secs(5);
        for (failures, pause) in [
            (0, 5),
            (1, 5),
            (2, 10),
            (3, 20),
            (17, 5 << 16),
            (255, 5 << 16),
        ] {
            assert_eq!(retry_pause(first, failures), Duration::from_secs(pause));
        }
    }
}

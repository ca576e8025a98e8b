//! The contract of [`Frontier`] as a suite that each implementation runs, crashes included.
//!
//! An implementation writes a [`Subject`] and calls [`suite`] and [`random_operations`].

mod random;

pub(super) use random::random_operations;

use super::{Claim, Entry, Frontier, Link, Settled, Via};
use crate::clock::Millis;
use crate::normal::{BudgetUnit, NormalUrl};

/// A frontier that can be killed.
pub(super) trait Subject {
    type F: Frontier;

    /// The frontier as it is now.
    fn frontier(&self) -> &Self::F;

    /// Kills the frontier as `kill -9` would, opens what is left, tells it of the URLs that the
    /// store has visited, and returns its mark.
    fn crash(&mut self, visited: &[NormalUrl]) -> u64;
}

/// Link number `n` of a site, with a priority.
fn link(site: &str, n: u32, priority: u8) -> Link {
    Link {
        url: NormalUrl::parse(&format!("https://www.{site}.example/story/{n}")).unwrap(),
        seed: 1,
        depth: 1,
        hops: 0,
        via: Via::Front,
        priority,
    }
}

fn unit(site: &str) -> BudgetUnit {
    link(site, 0, 0).url.budget_unit()
}

async fn admit(f: &impl Frontier, links: impl Into<Vec<Link>>) -> usize {
    f.admit(links.into()).await.unwrap().len()
}

async fn done(f: &impl Frontier, link: &Link) {
    f.settle(link, Settled::Done).await.unwrap();
}

async fn again(f: &impl Frontier, link: &Link, due: Millis, failures: u8) {
    let outcome = Settled::Again { due, failures };
    f.settle(link, outcome).await.unwrap();
}

/// Claims until there is nothing left, and how that was said.
async fn claims(f: &impl Frontier, site: &str, now: Millis) -> (Vec<Entry>, Claim) {
    let mut entries = Vec::new();
    loop {
        match f.claim(&unit(site), now).await.unwrap() {
            Claim::Entry(entry) => entries.push(entry),
            end => return (entries, end),
        }
    }
}

async fn claimed_links(f: &impl Frontier, site: &str, now: Millis) -> Vec<Link> {
    let entries = claims(f, site, now).await.0;
    entries.into_iter().map(|entry| entry.link).collect()
}

/// Every fixed case.
pub(super) async fn suite<S: Subject>(make: impl Fn() -> S) {
    admit_is_idempotent(make()).await;
    nothing_is_claimed_before_it_is_committed(make()).await;
    claims_go_by_priority_then_age(make()).await;
    a_more_urgent_link_overtakes(make()).await;
    later_neither_hides_nor_blocks_ready(make()).await;
    a_retry_counts_its_failures(make()).await;
    recalled_links_are_held_and_not_doubled(make()).await;
    units_say_when_they_are_due(make()).await;
    a_crash_loses_exactly_the_stage(make()).await;
    a_crash_frees_claims_and_drops_recalls(make()).await;
    a_replay_changes_nothing_twice(make()).await;
    an_unclaimed_link_can_be_settled(make()).await;
    the_mark_never_goes_back(make()).await;
    many_links_survive_many_crashes(make()).await;
}

async fn admit_is_idempotent(subject: impl Subject) {
    let f = subject.frontier();
    let [a, b] = [link("a", 1, 40), link("a", 2, 40)];
    let new = f
        .admit(vec![a.clone(), b.clone(), a.clone()])
        .await
        .unwrap();
    assert_eq!(new, [a.clone(), b.clone()]);
    assert_eq!(admit(f, [b.clone()]).await, 0);
    f.commit(1).await.unwrap();
    assert_eq!(admit(f, [a.clone(), b]).await, 0);
    assert_eq!(f.queued(), 2);
    claims(f, "a", 0).await;
    done(f, &a).await;
    f.commit(2).await.unwrap();
    assert_eq!(admit(f, [a]).await, 0, "settled links stay known");
    assert_eq!(f.queued(), 1);
}

async fn nothing_is_claimed_before_it_is_committed(subject: impl Subject) {
    let f = subject.frontier();
    admit(f, [link("a", 1, 40)]).await;
    assert_eq!(claims(f, "a", 0).await, (vec![], Claim::Empty));
    f.commit(0).await.unwrap();
    assert_eq!(claimed_links(f, "a", 0).await, [link("a", 1, 40)]);
    assert_eq!(
        claims(f, "a", 0).await,
        (vec![], Claim::Empty),
        "claimed once"
    );
    assert_eq!(f.queued(), 1, "claimed links count");
}

async fn claims_go_by_priority_then_age(subject: impl Subject) {
    let f = subject.frontier();
    let order = [(3, 10), (1, 40), (4, 40), (2, 50)].map(|(n, priority)| link("a", n, priority));
    admit(f, [order[3].clone(), order[1].clone()]).await;
    f.commit(1).await.unwrap();
    admit(f, [order[2].clone(), order[0].clone(), link("b", 9, 1)]).await;
    f.commit(2).await.unwrap();
    assert_eq!(claimed_links(f, "a", 0).await, order);
}

async fn a_more_urgent_link_overtakes(subject: impl Subject) {
    let f = subject.frontier();
    admit(f, [link("a", 1, 40), link("a", 2, 40)]).await;
    f.commit(1).await.unwrap();
    let first = f.claim(&unit("a"), 0).await.unwrap();
    assert!(matches!(first, Claim::Entry(entry) if entry.link == link("a", 1, 40)));
    admit(f, [link("a", 3, 20)]).await;
    f.commit(2).await.unwrap();
    assert_eq!(
        claimed_links(f, "a", 0).await,
        [link("a", 3, 20), link("a", 2, 40)]
    );
}

async fn later_neither_hides_nor_blocks_ready(subject: impl Subject) {
    let f = subject.frontier();
    let feed = link("a", 1, 10);
    let stories: Vec<Link> = (2..30).map(|n| link("a", n, 40)).collect();
    admit(f, [feed.clone()]).await;
    f.commit(1).await.unwrap();
    claims(f, "a", 0).await;
    again(f, &feed, 600, 1).await;
    admit(f, stories.as_slice()).await;
    f.commit(2).await.unwrap();
    let (entries, end) = claims(f, "a", 599).await;
    assert_eq!(
        entries.len(),
        stories.len(),
        "a feed due in 1 ms hides no story"
    );
    assert_eq!(end, Claim::Later(600));
    assert_eq!(claimed_links(f, "a", 600).await, [feed]);
}

async fn a_retry_counts_its_failures(subject: impl Subject) {
    let f = subject.frontier();
    let a = link("a", 1, 40);
    admit(f, [a.clone()]).await;
    f.commit(1).await.unwrap();
    for failures in 1..4 {
        claims(f, "a", 100).await;
        again(f, &a, 100, failures).await;
        assert_eq!(claims(f, "a", 99).await.0, [], "not before it is committed");
        f.commit(1 + u64::from(failures)).await.unwrap();
        assert_eq!(claims(f, "a", 99).await, (vec![], Claim::Later(100)));
    }
    let link = a.clone();
    assert_eq!(claims(f, "a", 100).await.0, [Entry { link, failures: 3 }]);
    done(f, &a).await;
    f.commit(9).await.unwrap();
    assert_eq!((f.queued(), claims(f, "a", 900).await.1), (0, Claim::Empty));
}

async fn recalled_links_are_held_and_not_doubled(subject: impl Subject) {
    let f = subject.frontier();
    let [a, b, feed] = [link("a", 1, 40), link("a", 2, 40), link("a", 3, 10)];
    admit(f, [a.clone(), b.clone(), feed.clone()]).await;
    f.commit(1).await.unwrap();
    claims(f, "a", 0).await;
    done(f, &feed).await;
    done(f, &a).await;
    f.recall(vec![feed.clone(), b.clone(), feed.clone(), a.clone()])
        .await
        .unwrap();
    assert_eq!(f.queued(), 3, "b is claimed, and counts once");
    f.recall(vec![feed.clone()]).await.unwrap();
    assert_eq!(claimed_links(f, "a", 0).await, [feed.clone(), a.clone()]);
    f.recall(vec![feed.clone()]).await.unwrap();
    assert_eq!(claims(f, "a", 0).await.1, Claim::Empty, "claimed now");
    again(f, &feed, 50, 1).await;
    f.recall(vec![feed.clone()]).await.unwrap();
    f.commit(2).await.unwrap();
    f.recall(vec![feed.clone()]).await.unwrap();
    let entry = Entry {
        link: feed,
        failures: 1,
    };
    assert_eq!(
        claims(f, "a", 50).await.0,
        [entry],
        "queued for a retry, so not recalled"
    );
}

async fn units_say_when_they_are_due(subject: impl Subject) {
    let f = subject.frontier();
    assert_eq!(f.units().await.unwrap(), []);
    admit(f, [link("a", 1, 40), link("b", 1, 40)]).await;
    f.commit(1).await.unwrap();
    claims(f, "b", 0).await;
    again(f, &link("b", 1, 40), 700, 1).await;
    f.commit(2).await.unwrap();
    let mut units = f.units().await.unwrap();
    units.sort();
    assert_eq!(units, [(unit("a"), 0), (unit("b"), 700)]);
}

async fn a_crash_loses_exactly_the_stage(mut subject: impl Subject) {
    let f = subject.frontier();
    let [a, b, c] = [link("a", 1, 40), link("a", 2, 40), link("a", 3, 40)];
    admit(f, [a.clone(), b.clone()]).await;
    f.commit(7).await.unwrap();
    claims(f, "a", 0).await;
    done(f, &a).await;
    f.commit(8).await.unwrap();
    admit(f, [c.clone()]).await;
    done(f, &b).await;
    let visited = [a.url.clone(), b.url.clone()];
    assert_eq!(subject.crash(&visited), 8);
    let f = subject.frontier();
    assert_eq!(f.queued(), 1);
    assert_eq!(admit(f, [a, c.clone()]).await, 1, "c was lost, a is known");
    f.commit(9).await.unwrap();
    assert_eq!(claimed_links(f, "a", 0).await, [b, c]);
}

async fn a_crash_frees_claims_and_drops_recalls(mut subject: impl Subject) {
    let f = subject.frontier();
    let [a, b] = [link("a", 1, 40), link("a", 2, 40)];
    admit(f, [a.clone(), b.clone()]).await;
    f.commit(1).await.unwrap();
    claims(f, "a", 0).await;
    done(f, &b).await;
    f.commit(2).await.unwrap();
    f.recall(vec![b.clone()]).await.unwrap();
    assert_eq!(subject.crash(std::slice::from_ref(&b.url)), 2);
    assert_eq!(claimed_links(subject.frontier(), "a", 0).await, [a]);
}

async fn a_replay_changes_nothing_twice(mut subject: impl Subject) {
    let [a, b, c] = [link("a", 1, 40), link("a", 2, 40), link("b", 3, 40)];
    let f = subject.frontier();
    admit(f, [a.clone()]).await;
    f.commit(1).await.unwrap();
    let visited = [a.url.clone(), b.url.clone()];
    for _ in 0..3 {
        let f = subject.frontier();
        admit(f, [b.clone(), c.clone()]).await;
        done(f, &a).await;
        again(f, &b, 500, 1).await;
        f.commit(2).await.unwrap();
        assert_eq!(f.queued(), 2);
        assert_eq!(subject.crash(&visited), 2);
    }
    let f = subject.frontier();
    assert_eq!(f.queued(), 2);
    let entry = Entry {
        link: b,
        failures: 1,
    };
    assert_eq!(claims(f, "a", 500).await, (vec![entry], Claim::Empty));
    assert_eq!(claimed_links(f, "b", 0).await, [c]);
}

async fn an_unclaimed_link_can_be_settled(subject: impl Subject) {
    let f = subject.frontier();
    let links: Vec<Link> = (0..8).map(|n| link("a", n, 40)).collect();
    admit(f, &links[..6]).await;
    f.commit(1).await.unwrap();
    done(f, &links[0]).await;
    again(f, &links[1], 300, 1).await;
    f.commit(2).await.unwrap();
    again(f, &links[1], 200, 2).await;
    done(f, &links[2]).await;
    admit(f, &links[6..]).await;
    done(f, &links[6]).await;
    done(f, &links[6]).await;
    f.commit(3).await.unwrap();
    assert_eq!(f.queued(), 5);
    let (entries, end) = claims(f, "a", 199).await;
    let left: Vec<Link> = entries.into_iter().map(|entry| entry.link).collect();
    assert_eq!(left, [&links[3..6], &links[7..]].concat());
    assert_eq!(end, Claim::Later(200));
}

async fn the_mark_never_goes_back(mut subject: impl Subject) {
    let f = subject.frontier();
    f.commit(9).await.unwrap();
    admit(f, [link("a", 1, 40)]).await;
    f.commit(5).await.unwrap();
    assert_eq!(subject.crash(&[]), 9);
    assert_eq!(subject.frontier().queued(), 1);
}

async fn many_links_survive_many_crashes(mut subject: impl Subject) {
    let links: Vec<Link> = (0..500).map(|n| link("a", n, 40)).collect();
    let mut visited = Vec::new();
    admit(subject.frontier(), links.as_slice()).await;
    subject.frontier().commit(1).await.unwrap();
    for round in 0..5 {
        let f = subject.frontier();
        for _ in 0..100 {
            let Claim::Entry(entry) = f.claim(&unit("a"), 0).await.unwrap() else {
                panic!("links are left")
            };
            done(f, &entry.link).await;
            visited.push(entry.link.url);
        }
        f.commit(2 + round).await.unwrap();
        assert_eq!(subject.crash(&visited), 2 + round);
    }
    let all: Vec<NormalUrl> = links.into_iter().map(|link| link.url).collect();
    assert_eq!(visited, all, "each once, in order");
    assert_eq!(subject.frontier().queued(), 0);
}

//! The name that was meant.

/// Of `names` the one nearest to `typed`, when one is near enough to be a slip of the hand.
pub(crate) fn nearest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase().replace('-', "_");
    let near = names.filter_map(|name| {
        let far = distance(&typed, name);
        let close = far <= typed.len().max(name.len()) / 3 + 1 && far < name.len();
        close.then_some((far, name))
    });
    near.min_by_key(|&(far, _)| far).map(|(_, name)| name)
}

/// Optimal string alignment: how many letters are to be put in, taken out, replaced or swapped
/// with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().take(64).collect();
    let other: Vec<char> = other.chars().collect();
    let mut rows = vec![vec![0; other.len() + 1]; one.len() + 1];
    for i in 0..=one.len() {
        for j in 0..=other.len() {
            rows[i][j] = match (i, j) {
                (0, far) | (far, 0) => far,
                _ => step(&rows, &one, &other, i, j),
            };
        }
    }
    rows[one.len()][other.len()]
}

fn step(rows: &[Vec<usize>], one: &[char], other: &[char], i: usize, j: usize) -> usize {
    let same = one[i - 1] == other[j - 1];
    let replaced = rows[i - 1][j - 1] + usize::from(!same);
    let best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
    let swapped = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
    if swapped {
        best.min(rows[i - 2][j - 2] + 1)
    } else {
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_seen_and_other_words_are_not() {
        let names = ["min_delay", "delay_factor", "max_rate", "data"];
        for (typed, meant) in [
            ("min_dleay", Some("min_delay")),
            ("min-delay", Some("min_delay")),
            ("MinDelay", Some("min_delay")),
            ("mindelay", Some("min_delay")),
            ("max_rat", Some("max_rate")),
            ("date", Some("data")),
            ("colour", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, names.into_iter()), meant, "{typed}");
        }
    }
}

//! The fewest waves for a handful of tasks, by looking at every set of tasks that can be done by then.

use super::Planning;

/// Waves of `tasks`, of which every one is safe alone; no plan has fewer.
pub(super) fn waves(planning: &mut Planning<'_>, tasks: &[usize]) -> Vec<Vec<usize>> {
    let n = tasks.len();
    let all = (1usize << n) - 1;
    let members = |set: usize| (0..n).filter(move |at| set >> at & 1 != 0);
    let named = |set: usize| members(set).map(|at| tasks[at]).collect::<Vec<usize>>();
    let safe: Vec<bool> = (0..=all).map(|set| planning.is_safe(&named(set))).collect();
    let before: Vec<usize> = tasks
        .iter()
        .map(|task| {
            let after = &planning.batch.tasks[*task].after;
            (0..n).filter(|at| after.contains(&tasks[*at])).map(|at| 1 << at).sum()
        })
        .collect();
    // The wave that leads to each set of finished tasks first, fullest waves first.
    let mut via: Vec<Option<usize>> = vec![None; all + 1];
    let mut reached = vec![0usize];
    via[0] = Some(0);
    while via[all].is_none() {
        let mut next = Vec::new();
        for done in reached {
            let ready: usize =
                members(all & !done).filter(|at| before[*at] & !done == 0).map(|at| 1 << at).sum();
            for wave in subsets(ready) {
                if safe[wave] && via[done | wave].is_none() {
                    via[done | wave] = Some(wave);
                    next.push(done | wave);
                }
            }
        }
        if next.is_empty() {
            break;
        }
        reached = next;
    }
    let mut waves = Vec::new();
    let mut at = all;
    while let Some(wave) = via[at].filter(|wave| *wave != 0) {
        waves.push(named(wave));
        at &= !wave;
    }
    waves.reverse();
    waves
}

/// Non-empty subsets, from the set itself downwards.
fn subsets(set: usize) -> impl Iterator<Item = usize> {
    let step = move |sub: &usize| Some((sub - 1) & set).filter(|next| *next != 0);
    std::iter::successors((set != 0).then_some(set), step)
}

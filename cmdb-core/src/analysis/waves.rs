//! Waves: an order in which a batch of tasks is carried out, each wave at once, with no service ever below its gates.
//!
//! A wave is safe if no stake gets as bad as is not tolerated, or worse than what is broken anyway makes it. Few tasks
//! are planned exactly: no plan has fewer waves. Many are planned by first fit, what touches most first. A task that
//! is not safe even alone, or whose order runs in a circle, has no place in any plan, and the plan says so.

mod exact;
#[cfg(test)]
mod tests;

use super::collision::{Activity, Calendar, Doing, Ground, Joint, Span, state_in, worst_first};
use super::impact::{Root, State};
use crate::graph::View;
use std::collections::BTreeSet;

/// Tasks up to which no plan has fewer waves.
pub const EXACT_MAX: usize = 10;
/// Tasks of one batch at most.
pub const TASKS_MAX: usize = 2_000;

/// Something to be done.
#[derive(Clone, Debug, Default)]
pub struct Task {
    pub roots: Vec<Root>,
    /// Tasks, by place, that must be in earlier waves.
    pub after: Vec<usize>,
}

/// What is to be planned.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    pub tasks: &'a [Task],
    /// What is broken anyway.
    pub held: &'a [Root],
    pub stakes: &'a [u32],
    /// The mildest state that no stake may be brought to; `degraded` keeps every gate.
    pub worst: State,
    /// Tasks of one wave at most.
    pub wave_max: usize,
}

/// Why a task is in no wave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// By itself it harms these.
    Alone(Vec<(u32, State)>),
    /// These tasks wait for each other, in this order and round again.
    Circle(Vec<usize>),
    /// It must follow this task, which has no place.
    Follows(usize),
}

/// Why a task is not in an earlier wave: these of that wave and the task would together harm the services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    pub task: usize,
    pub wave: usize,
    pub with: Vec<usize>,
    pub services: Vec<(u32, State)>,
}

/// A plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Places of tasks, ascending within each wave.
    pub waves: Vec<Vec<usize>>,
    /// What each wave leaves its stakes in, worst first.
    pub residual: Vec<Vec<(u32, State)>>,
    pub impossible: Vec<(usize, Why)>,
    pub waits: Vec<Wait>,
    /// No plan has fewer waves.
    pub exact: bool,
}

/// Plans a batch on what `view` shows.
pub fn plan(view: View<'_>, batch: Batch<'_>) -> Plan {
    let activities = activities(&batch);
    let calendar = Calendar { activities: &activities, periods: &[], stakes: batch.stakes };
    let ground = Ground::new(view, calendar);
    let held = if batch.held.is_empty() { Vec::new() } else { ground.alone(batch.tasks.len()).to_vec() };
    let mut planning = Planning { view, batch, held, joint: Joint::new(&ground) };
    let impossible = planning.impossible();
    let out: BTreeSet<usize> = impossible.iter().map(|(task, _)| *task).collect();
    let tasks: Vec<usize> = (0..batch.tasks.len()).filter(|task| !out.contains(task)).collect();
    let exact = tasks.len() <= EXACT_MAX;
    let waves = if exact { exact::waves(&mut planning, &tasks) } else { planning.first_fit(&tasks) };
    let residual = waves.iter().map(|wave| planning.residual(wave)).collect();
    let waits = planning.waits(&waves);
    Plan { waves, residual, impossible, waits, exact }
}

/// Tasks as activities; the last is what is broken anyway, if anything is.
fn activities(batch: &Batch<'_>) -> Vec<Activity> {
    let span = Span { start_ms: 0, end_ms: 1 };
    let activity = |roots: &[Root], doing| Activity {
        doing,
        span,
        planned: span,
        roots: roots.to_vec(),
        claims: Vec::new(),
        after: Vec::new(),
    };
    let mut all: Vec<Activity> = batch.tasks.iter().map(|t| activity(&t.roots, Doing::Change)).collect();
    if !batch.held.is_empty() {
        all.push(activity(batch.held, Doing::Outage));
    }
    all
}

struct Planning<'a> {
    view: View<'a>,
    batch: Batch<'a>,
    /// States that stakes are in anyway.
    held: Vec<(u32, State)>,
    joint: Joint<'a>,
}

impl Planning<'_> {
    /// Stakes that tasks, carried out at once, bring to a state that is not tolerated.
    fn harm(&mut self, tasks: &[usize]) -> Vec<(u32, State)> {
        let worst = self.batch.worst;
        let states = self.states(tasks);
        states.into_iter().filter(|(item, s)| *s >= worst && *s > state_in(&self.held, *item)).collect()
    }
    fn is_safe(&mut self, tasks: &[usize]) -> bool {
        tasks.len() <= self.batch.wave_max && self.harm(tasks).is_empty()
    }
    /// Stakes that are not up while tasks are carried out, worst first.
    fn states(&mut self, tasks: &[usize]) -> Vec<(u32, State)> {
        let held = (!self.batch.held.is_empty()).then_some(self.batch.tasks.len());
        let set: Vec<u32> = tasks.iter().copied().chain(held).map(|t| t as u32).collect();
        let clusters = self.joint.clusters(&set);
        let mut states: Vec<(u32, State)> =
            clusters.iter().flat_map(|(_, effect)| effect.stakes.iter().copied()).collect();
        states.sort_by_key(|(item, state)| (*item, std::cmp::Reverse(*state)));
        states.dedup_by_key(|(item, _)| *item);
        worst_first(self.view, states)
    }
    /// What a wave adds to what is broken anyway.
    fn residual(&mut self, wave: &[usize]) -> Vec<(u32, State)> {
        let states = self.states(wave);
        states.into_iter().filter(|(item, state)| *state > state_in(&self.held, *item)).collect()
    }
    fn impossible(&mut self) -> Vec<(usize, Why)> {
        let tasks = self.batch.tasks;
        let mut found: Vec<(usize, Why)> = Vec::new();
        for task in 0..tasks.len() {
            let harm = self.harm(&[task]);
            if !harm.is_empty() {
                found.push((task, Why::Alone(harm)));
            }
        }
        for circle in circles(tasks) {
            for task in &circle {
                if found.iter().all(|(known, _)| known != task) {
                    found.push((*task, Why::Circle(circle.clone())));
                }
            }
        }
        loop {
            let out = |task: &usize| found.iter().any(|(known, _)| known == task);
            let next = (0..tasks.len())
                .filter(|task| !out(task))
                .find_map(|task| tasks[task].after.iter().find(|a| out(a)).map(|a| (task, *a)));
            match next {
                Some((task, before)) => found.push((task, Why::Follows(before))),
                None => break,
            }
        }
        found.sort_by_key(|(task, _)| *task);
        found
    }
    fn first_fit(&mut self, tasks: &[usize]) -> Vec<Vec<usize>> {
        let mut left: Vec<usize> = tasks.to_vec();
        let touched = |task: &usize| self.joint.ground().alone(*task).len();
        left.sort_by_key(|task| (std::cmp::Reverse(touched(task)), *task));
        let mut waves: Vec<Vec<usize>> = Vec::new();
        while !left.is_empty() {
            let ready =
                |task: &usize| self.batch.tasks[*task].after.iter().all(|before| !left.contains(before));
            // Circles were sorted out before, so something is always ready.
            let Some(at) = left.iter().position(ready) else { break };
            let task = left.remove(at);
            let after = &self.batch.tasks[task].after;
            let earliest =
                waves.iter().rposition(|wave| wave.iter().any(|t| after.contains(t))).map_or(0, |w| w + 1);
            let fits = (earliest..waves.len()).find(|wave| {
                let mut with: Vec<usize> = waves[*wave].clone();
                with.push(task);
                with.sort_unstable();
                self.is_safe(&with)
            });
            match fits {
                Some(wave) => waves[wave].push(task),
                None => waves.push(vec![task]),
            }
        }
        waves.iter_mut().for_each(|wave| wave.sort_unstable());
        waves
    }
    /// For every task of a later wave, the minimal company in the wave before that keeps it out.
    fn waits(&mut self, waves: &[Vec<usize>]) -> Vec<Wait> {
        let mut waits = Vec::new();
        for (at, pair) in waves.windows(2).enumerate() {
            for task in &pair[1] {
                let mut with = pair[0].clone();
                let together = |with: &[usize]| {
                    let mut all: Vec<usize> = with.iter().copied().chain([*task]).collect();
                    all.sort_unstable();
                    all
                };
                if self.harm(&together(&with)).is_empty() {
                    continue;
                }
                for other in &pair[0] {
                    let fewer: Vec<usize> = with.iter().copied().filter(|t| t != other).collect();
                    if !self.harm(&together(&fewer)).is_empty() {
                        with = fewer;
                    }
                }
                let services = self.harm(&together(&with));
                waits.push(Wait { task: *task, wave: at, with, services });
            }
        }
        waits
    }
}

/// Tasks that wait for each other, each circle in order, beginning with its first task.
fn circles(tasks: &[Task]) -> Vec<Vec<usize>> {
    let mut left: BTreeSet<usize> = (0..tasks.len()).collect();
    while let Some(free) = left.iter().copied().find(|t| tasks[*t].after.iter().all(|a| !left.contains(a))) {
        left.remove(&free);
    }
    let mut circles: Vec<Vec<usize>> = Vec::new();
    for start in left.iter().copied() {
        let mut walk = vec![start];
        // Everything left waits for something left, so the walk must come round.
        while let Some(next) = tasks[walk[walk.len() - 1]].after.iter().find(|a| left.contains(a)) {
            if let Some(at) = walk.iter().position(|t| t == next) {
                let mut circle = walk.split_off(at);
                let least = (0..circle.len()).min_by_key(|i| circle[*i]).unwrap_or(0);
                circle.rotate_left(least);
                if !circles.contains(&circle) {
                    circles.push(circle);
                }
                break;
            }
            walk.push(*next);
        }
    }
    circles
}

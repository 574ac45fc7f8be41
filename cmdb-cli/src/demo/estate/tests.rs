//! Checks of the estate itself, with an evaluator as naive as can be: the demo must tell the story it
//! promises.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Estate, estate};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum State {
    Up,
    AtRisk,
    Degraded,
    Down,
}

/// What one item needs: hard and soft dependencies, and groups.
#[derive(Default)]
struct Needs {
    hard: Vec<usize>,
    soft: Vec<usize>,
    groups: BTreeMap<String, Group>,
}

#[derive(Default)]
struct Group {
    needs: String,
    active: BTreeSet<usize>,
    standby: BTreeSet<usize>,
}

impl Group {
    fn count(&self) -> usize {
        let all = self.active.len() + self.standby.len();
        match self.needs.strip_suffix('%') {
            Some(percent) => (all * percent.parse::<usize>().unwrap()).div_ceil(100),
            None => self.needs.parse().unwrap(),
        }
    }

    fn state(&self, states: &[State]) -> State {
        let active = gate(self.active.iter().map(|member| states[*member]).collect(), self.count());
        let all = self.active.union(&self.standby).map(|member| states[*member]).collect();
        let met = self.active.iter().filter(|member| states[**member] != State::Down).count() >= self.count();
        if met { active } else { active.min(gate(all, self.count()).max(State::Degraded)) }
    }
}

fn gate(mut members: Vec<State>, needs: usize) -> State {
    members.sort();
    let reached = members.get(needs - 1).copied().unwrap_or(State::Down);
    let alive = members.iter().filter(|state| **state != State::Down).count();
    let troubled = members.iter().any(|state| *state != State::Up);
    if reached == State::Up && troubled && alive - 1 < needs { State::AtRisk } else { reached }
}

fn suffers_at_target(kind: &str) -> Option<bool> {
    match kind {
        "depends_on" | "runs_on" | "hosted_on" | "stored_on" | "powered_by" | "connects_to" | "uses"
        | "calls" | "located_in" | "member_of" | "composed_of" => Some(false),
        "hosts" | "contains" | "provides" => Some(true),
        _ => None,
    }
}

fn needs(estate: &Estate, index: &HashMap<&str, usize>) -> Vec<Needs> {
    let mut all: Vec<Needs> = estate.items.iter().map(|_| Needs::default()).collect();
    for link in &estate.relationships {
        let Some(at_target) = suffers_at_target(link.kind) else { continue };
        let (source, target) = (index[link.source.as_str()], index[link.target.as_str()]);
        let (dependent, dependency) = if at_target { (target, source) } else { (source, target) };
        let value =
            |name| link.attributes.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str());
        match (value("group"), value("effect")) {
            (Some(group), _) => {
                let group = all[dependent].groups.entry(group.to_owned()).or_default();
                let needs = value("needs").unwrap_or("1");
                assert!(group.needs.is_empty() || group.needs == needs, "{} states needs twice", link.source);
                group.needs = needs.to_owned();
                let standby = value("standby") == Some("true");
                if standby {
                    group.standby.insert(dependency)
                } else {
                    group.active.insert(dependency)
                };
            }
            (None, Some("soft")) => all[dependent].soft.push(dependency),
            (None, _) => all[dependent].hard.push(dependency),
        }
    }
    all
}

/// The least fixpoint from all up, by sweeping until nothing moves.
fn evaluate(estate: &Estate, down: &[&str]) -> HashMap<String, State> {
    let index: HashMap<&str, usize> =
        estate.items.iter().enumerate().map(|(number, item)| (item.key.as_str(), number)).collect();
    let needs = needs(estate, &index);
    let mut states = vec![State::Up; estate.items.len()];
    down.iter().for_each(|root| states[index[root]] = State::Down);
    loop {
        let before = states.clone();
        for (item, needs) in needs.iter().enumerate() {
            let hard = needs.hard.iter().map(|on| states[*on]);
            let soft = needs
                .soft
                .iter()
                .map(|on| if states[*on] == State::Down { State::Degraded } else { State::Up });
            let groups = needs.groups.values().map(|group| group.state(&states));
            states[item] = hard.chain(soft).chain(groups).fold(states[item], State::max);
        }
        if states == before {
            break;
        }
    }
    estate.items.iter().map(|item| item.key.clone()).zip(states).collect()
}

fn services(states: &HashMap<String, State>, wanted: State) -> BTreeSet<&str> {
    let named = states.iter().filter_map(|(key, state)| Some((key.strip_prefix("BusinessService:")?, state)));
    named.filter(|(_, state)| **state == wanted).map(|(name, _)| name).collect()
}

#[test]
fn the_estate_is_as_large_as_promised() {
    let estate = estate();
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    estate.items.iter().for_each(|item| *classes.entry(item.class).or_default() += 1);
    let parties: usize =
        ["Person", "Team", "Supplier", "Organization"].iter().map(|class| classes[class]).sum();
    assert!(estate.items.len() - parties >= 2_000);
    assert!(estate.relationships.len() >= 6_000);
    assert!(classes["BusinessService"] >= 40);
}

#[test]
fn keys_are_unique_and_every_end_exists() {
    let estate = estate();
    let keys: BTreeSet<&str> = estate.items.iter().map(|item| item.key.as_str()).collect();
    assert_eq!(keys.len(), estate.items.len());
    let mut links = BTreeSet::new();
    for link in &estate.relationships {
        assert!(keys.contains(link.source.as_str()), "{}", link.source);
        assert!(keys.contains(link.target.as_str()), "{}", link.target);
        let group = link.attributes.iter().find(|(name, _)| *name == "group").map(|(_, value)| value);
        assert!(links.insert((link.kind, &link.source, &link.target, group)), "{} twice", link.source);
    }
}

#[test]
fn serial_numbers_are_unique() {
    let estate = estate();
    let mut seen = BTreeSet::new();
    for (name, value) in estate.items.iter().flat_map(|item| &item.attributes) {
        assert!(!["serial_number", "cidr", "employee_number"].contains(name) || seen.insert((name, value)));
    }
}

#[test]
fn two_runs_give_the_same_estate() {
    let text = |estate: Estate| -> Vec<String> {
        estate.items.iter().map(|item| format!("{} {:?}", item.key, item.attributes)).collect()
    };
    assert_eq!(text(estate()), text(estate()));
}

#[test]
fn everything_is_up_at_rest() {
    let states = evaluate(&estate(), &[]);
    let troubled: Vec<_> = states.iter().filter(|(_, state)| **state != State::Up).collect();
    assert!(troubled.is_empty(), "{troubled:?}");
}

#[test]
fn every_group_can_be_met() {
    let estate = estate();
    let index = estate.items.iter().enumerate().map(|(number, item)| (item.key.as_str(), number)).collect();
    for group in needs(&estate, &index).iter().flat_map(|needs| needs.groups.values()) {
        assert!(group.count() <= group.active.len());
    }
}

#[test]
fn the_prepared_change_tells_its_story() {
    let estate = estate();
    let roots: Vec<&str> = estate.change.roots.iter().map(|(root, _)| root.as_str()).collect();
    let states = evaluate(&estate, &roots);
    let mut counts: BTreeMap<State, usize> = BTreeMap::new();
    states.values().for_each(|state| *counts.entry(*state).or_default() += 1);
    let down = services(&states, State::Down);
    assert!(down.contains("Online Shop Checkout") && down.contains("Card Payments"));
    assert!((2..=6).contains(&down.len()), "{down:?}");
    assert!(services(&states, State::AtRisk).contains("Loyalty Programme"));
    assert!(services(&states, State::Degraded).contains("Store Point of Sale"));
    assert!(services(&states, State::Up).contains("Product Search"));
    assert_eq!(states["ApplicationInstance:search-prod-01"], State::Down);
    let affected = states.len() - counts[&State::Up];
    assert!((50..=250).contains(&affected), "{affected}");
}

/// The story says "different hosts, different racks"; it would be a lie to place the copies otherwise.
#[test]
fn the_copies_of_the_payment_gateway_share_neither_host_nor_rack() {
    let estate = estate();
    let host = |machine: &str| {
        let link = estate.relationships.iter().find(|link| link.kind == "runs_on" && link.source == machine);
        link.map(|link| link.target.clone()).unwrap()
    };
    let rack = |host: &str| host.rsplit_once('-').map(|(rack, _)| rack.to_owned()).unwrap();
    let first = host("VirtualMachine:vm-payment-gw-prod-01");
    let second = host("VirtualMachine:vm-payment-gw-prod-02");
    assert_ne!(rack(&first), rack(&second));
}

/// The three ways in which redundancy only looks sound, each found by one failure.
#[test]
fn groups_that_only_look_sound_fall_to_one_failure() {
    let estate = estate();
    for (root, service) in [
        ("StorageArray:san-fra1-02", "Card Payments"),
        ("Hypervisor:esx-fra1-r03-01", "Returns"),
        ("PowerUnit:pdu-fra1-r09-a", "Warehouse Management"),
    ] {
        let states = evaluate(&estate, &[root]);
        let down = services(&states, State::Down);
        assert!(down.contains(service), "{root}: {down:?}");
    }
}

#[test]
fn losing_a_data_centre_leaves_what_was_laid_out_well() {
    let states = evaluate(&estate(), &["Site:Hamburg 1"]);
    assert!(services(&states, State::Up).contains("Customer Surveys"));
    assert!(!services(&states, State::Down).contains("Online Shop Checkout"));
}

//! A graph kept up edit by edit is the graph that is built anew from the same records.

use super::adjacency::{Adjacency, Gate};
use super::group::GroupRow;
use super::{Draft, Records, Snapshot, build};
use crate::fact::kinds::ItemEdit;
use crate::fact::{Fact, NewItem, NewRelationship, Stated};
use crate::model::{IdKey, ItemNumber, RelationshipNumber, SmolStr, Symbol, Value};
use crate::schema::{catalogue, symbols};
use std::collections::BTreeMap;

const SEQUENCES: u64 = 600;

/// A thing can be retired; for a note, `retired` is a status like any other.
const SCHEMA: &str = r#"
    [[lifecycle]]
    name = "life"
    initial = "used"
    states = [{ name = "used" }, { name = "retired", live = false }]
    [[lifecycle]]
    name = "paper"
    initial = "used"
    states = [{ name = "used" }, { name = "retired" }]
    [[class]]
    name = "Thing"
    lifecycle = "life"
    [[class]]
    name = "Note"
    lifecycle = "paper"
    [[relationship_type]]
    name = "depends_on"
    suffers = "source"
    [[relationship_type]]
    name = "hosts"
    suffers = "target"
    [[relationship_type]]
    name = "mentions"
"#;

fn founded() -> Snapshot {
    let mut draft = Draft::on(&Snapshot::empty());
    draft.begin_entry(1);
    draft.apply(Fact::Founded { id_key: IdKey([7; 16]), open_schema: false }).unwrap();
    let edit = catalogue::parse(SCHEMA).unwrap();
    let mut names: Vec<SmolStr> = edit.names().into_iter().map(SmolStr::new).collect();
    names.sort();
    names.dedup();
    names.retain(|name| draft.names().get(name).is_none());
    let first = draft.names().len() as u32;
    draft.apply(Fact::NamesAdded { first, names }).unwrap();
    draft.apply(Fact::SchemaEdited(edit)).unwrap();
    draft.finish().unwrap().snapshot
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// Edits one draft at random.
struct Editor<'r> {
    draft: Draft,
    random: &'r mut Random,
    items: Vec<ItemNumber>,
    links: Vec<RelationshipNumber>,
}

impl Editor<'_> {
    fn on<'r>(snapshot: &Snapshot, random: &'r mut Random) -> Editor<'r> {
        let mut draft = Draft::on(snapshot);
        draft.begin_entry(2);
        let counts = snapshot.counts();
        let items = (0..counts.item_numbers).map(ItemNumber).filter(|n| snapshot.exists(*n)).collect();
        let live = |n: &RelationshipNumber| snapshot.relationship(*n).unwrap().is_some();
        let links = (0..counts.relationship_numbers).map(RelationshipNumber).filter(live).collect();
        Editor { draft, random, items, links }
    }
    fn name(&self, text: &str) -> Symbol {
        self.draft.names().get(text).unwrap()
    }
    fn apply(&mut self, fact: Fact) {
        self.draft.apply(fact).unwrap();
    }
    fn edit(&mut self) {
        match (self.random.below(12), self.items.is_empty(), self.links.is_empty()) {
            (0 | 1, ..) | (_, true, _) => self.create(),
            (2..6, ..) | (_, _, true) => self.relate(),
            (6 | 7, ..) => self.edit_link(),
            (8, ..) => self.unrelate(),
            (9, ..) => self.set_status(),
            (10, ..) => self.set_class(),
            _ => self.remove(),
        }
    }
    fn status(&mut self) -> Option<Symbol> {
        match self.random.below(3) {
            0 => None,
            1 => Some(self.name("used")),
            _ => Some(self.name("retired")),
        }
    }
    fn create(&mut self) {
        let item = self.draft.next_item().unwrap();
        let new = NewItem {
            item,
            labels: [self.name("Thing")].into_iter().collect(),
            name: Some(SmolStr::new(format!("n{}", item.0))),
            status: self.status(),
            ..NewItem::default()
        };
        self.apply(Fact::ItemCreated(new));
        self.items.push(item);
    }
    fn relate(&mut self) {
        let relationship = self.draft.next_relationship().unwrap();
        let group = self.random.pick(&[None, Some("a"), Some("a"), Some("b")]);
        let kind = self.random.pick(&["depends_on", "depends_on", "hosts", "mentions"]);
        let stated = (0..self.random.below(4)).map(|_| self.attribute()).collect::<Vec<_>>();
        let new = NewRelationship {
            relationship,
            kind: self.name(kind),
            source: self.random.pick(&self.items),
            target: self.random.pick(&self.items),
            group: group.map(SmolStr::new_static),
            attributes: stated.into_iter().filter_map(|(key, value)| Some((key, value?))).collect(),
            origin: symbols::MANUAL,
        };
        self.apply(Fact::Related(new));
        self.links.push(relationship);
    }
    fn attribute(&mut self) -> Stated {
        let needs = |n: &'static str| Value::text(n);
        match self.random.below(8) {
            0 => (symbols::WEIGHT, Some(Value::Decimal(self.random.pick(&[0.5, 1.0, 2.0, 3.0])))),
            1 => (symbols::STANDBY, Some(Value::Boolean(self.random.below(2) == 0))),
            2 => (symbols::NEEDS, Some(needs(self.random.pick(&["1", "2", "3", "50%", "weight>=2.5"])))),
            3 => (symbols::EFFECT, Some(Value::text(self.random.pick(&["soft", "hard"])))),
            4 => (symbols::CONFIDENCE, Some(Value::Decimal(self.random.pick(&[0.2, 0.9])))),
            5 => (symbols::LAG_MINUTES, Some(Value::Integer(5))),
            6 => (symbols::WEIGHT, None),
            _ => (symbols::NEEDS, None),
        }
    }
    fn edit_link(&mut self) {
        let relationship = self.random.pick(&self.links);
        let attributes = (0..1 + self.random.below(3)).map(|_| self.attribute()).collect();
        self.apply(Fact::RelationshipEdited { relationship, attributes, source: symbols::MANUAL });
    }
    fn unrelate(&mut self) {
        let at = self.random.below(self.links.len());
        let relationship = self.links.swap_remove(at);
        self.apply(Fact::Unrelated { relationship });
    }
    fn set_status(&mut self) {
        let status = Some(self.status());
        let item = self.random.pick(&self.items);
        self.apply(Fact::ItemEdited {
            item,
            edit: ItemEdit { status, ..ItemEdit::default() },
            source: symbols::MANUAL,
        });
    }
    fn set_class(&mut self) {
        let class = self.random.pick(&["Thing", "Note"]);
        let edit = ItemEdit { labels: Some([self.name(class)].into_iter().collect()), ..ItemEdit::default() };
        let item = self.random.pick(&self.items);
        self.apply(Fact::ItemEdited { item, edit, source: symbols::MANUAL });
    }
    /// An item goes with its relationships.
    fn remove(&mut self) {
        let at = self.random.below(self.items.len());
        let item = self.items.swap_remove(at);
        for (relationship, _) in self.draft.relationships_of(item).unwrap() {
            self.links.retain(|link| *link != relationship);
            self.apply(Fact::Unrelated { relationship });
        }
        self.apply(Fact::ItemRemoved { item });
    }
    fn finish(self) -> Snapshot {
        self.draft.finish().unwrap().snapshot
    }
}

/// An entry without dense ids and group numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Neighbour {
    gate: Gate,
    other: ItemNumber,
    kind: u32,
    number: u32,
    /// Dependent, name and what was resolved: needs, active, all, heaviest, uniform, cut.
    group: Option<(ItemNumber, SmolStr, [u64; 4], [bool; 2])>,
}

/// Everything a snapshot says of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Portrait {
    class: Option<Symbol>,
    hidden: bool,
    gone: bool,
    rows: [Vec<Neighbour>; 4],
}

fn portraits(snapshot: &Snapshot) -> Vec<Portrait> {
    let mut groups: BTreeMap<u32, (ItemNumber, SmolStr)> = BTreeMap::new();
    let directions =
        [snapshot.dependencies(), snapshot.dependents(), snapshot.outgoing(), snapshot.incoming()];
    let portrait = |n: u32| {
        let dense = snapshot.dense(ItemNumber(n));
        Portrait {
            class: snapshot.class_of(dense),
            hidden: snapshot.is_hidden(dense),
            gone: snapshot.is_gone(dense),
            rows: directions.map(|direction| row(snapshot, direction, dense, &mut groups)),
        }
    };
    let portraits = (0..snapshot.counts().item_numbers).map(portrait).collect();
    let mut named: Vec<_> = groups.values().collect();
    named.sort();
    named.dedup();
    assert_eq!(named.len(), groups.len(), "a group has two rows");
    portraits
}

fn row(
    snapshot: &Snapshot,
    direction: &Adjacency,
    dense: u32,
    groups: &mut BTreeMap<u32, (ItemNumber, SmolStr)>,
) -> Vec<Neighbour> {
    let heads: Vec<u32> = direction.row(dense).entries().map(|e| e.head).collect();
    assert!(heads.is_sorted());
    let mut group = |row: u32, number: u32| {
        let resolved: GroupRow = snapshot.group(row);
        let name =
            snapshot.relationship(RelationshipNumber(number)).unwrap().unwrap().identity.group.unwrap();
        let dependent = snapshot.number(resolved.dependent);
        let known = groups.entry(row).or_insert((dependent, name.clone()));
        assert_eq!(*known, (dependent, name.clone()), "two groups share a row");
        let GroupRow { needs, active, all, heaviest, uniform, cut, .. } = resolved;
        (dependent, name, [needs, active, all, heaviest], [uniform, cut])
    };
    let mut row: Vec<Neighbour> = direction
        .row(dense)
        .entries()
        .map(|e| Neighbour {
            gate: e.gate(),
            other: snapshot.number(e.other()),
            kind: e.kind,
            number: e.number,
            group: (e.gate() == Gate::Group).then(|| group(e.group, e.number)),
        })
        .collect();
    row.sort();
    row
}

fn check_against_rebuilt(kept: &Snapshot, context: &str) -> Snapshot {
    let rebuilt = build::rebuild(kept.clone()).unwrap();
    for (n, (kept, rebuilt)) in portraits(kept).into_iter().zip(portraits(&rebuilt)).enumerate() {
        assert!(kept == rebuilt, "{context}: item {n} is {kept:.400?} and should be {rebuilt:.400?}");
    }
    assert_eq!(kept.counts(), rebuilt.counts(), "{context}");
    assert_eq!(kept.state_hash(), rebuilt.state_hash(), "{context}");
    rebuilt
}

#[test]
fn a_graph_kept_up_edit_by_edit_equals_one_built_anew() {
    let founded = founded();
    for seed in 0..SEQUENCES {
        let mut random = Random(seed);
        let mut snapshot = founded.clone();
        for commit in 0..8 {
            let mut editor = Editor::on(&snapshot, &mut random);
            for _ in 0..[1, 2, 20][editor.random.below(3)] {
                editor.edit();
                if editor.random.below(6) == 0 {
                    editor.draft.begin_entry(3);
                }
            }
            let kept = editor.finish();
            let rebuilt = check_against_rebuilt(&kept, &format!("seed {seed}, commit {commit}"));
            // Going on from the rebuilt one gives dense ids that are not item numbers.
            snapshot = if random.below(3) == 0 { rebuilt } else { kept };
        }
    }
}

#[test]
fn an_entry_walked_back_leaves_the_graph_as_it_was() {
    let founded = founded();
    for seed in 0..SEQUENCES {
        let (mut random, mut snapshot) = (Random(seed), founded.clone());
        for commit in 0..5 {
            let mut editor = Editor::on(&snapshot, &mut random);
            (0..=editor.random.below(15)).for_each(|_| editor.edit());
            let undo = editor.draft.end_entry();
            let kept = editor.finish();
            let (mut draft, existing) = (Draft::on(&kept), kept.counts());
            draft.walk_back(&undo, (existing.item_numbers, existing.relationship_numbers)).unwrap();
            let back = draft.settle(snapshot.position(), snapshot.time_ms()).unwrap();
            for (n, (is, was)) in portraits(&back).into_iter().zip(portraits(&snapshot)).enumerate() {
                assert!(
                    is == was,
                    "seed {seed}, commit {commit}: item {n} is {is:.400?} and was {was:.400?}"
                );
            }
            assert_eq!(back.state_hash(), snapshot.state_hash());
            snapshot = kept;
        }
    }
}

#[test]
fn the_row_of_a_hub_empties_and_fills_again() {
    let mut random = Random(1);
    let snapshot = founded();
    let mut editor = Editor::on(&snapshot, &mut random);
    for _ in 0..5000 {
        editor.create();
    }
    let relate_all = |editor: &mut Editor<'_>, group: Option<&'static str>| {
        for n in 1..5000 {
            let relationship = editor.draft.next_relationship().unwrap();
            let kind = editor.name("depends_on");
            let (source, target) = (ItemNumber(n), ItemNumber(0));
            let (group, origin) = (group.map(SmolStr::new_static), symbols::MANUAL);
            let attributes = Vec::new();
            editor.apply(Fact::Related(NewRelationship {
                relationship,
                kind,
                source,
                target,
                group,
                attributes,
                origin,
            }));
            editor.links.push(relationship);
        }
    };
    relate_all(&mut editor, None);
    let full = editor.finish();
    check_against_rebuilt(&full, "full");

    let mut editor = Editor::on(&full, &mut random);
    while !editor.links.is_empty() {
        editor.unrelate();
    }
    let empty = editor.finish();
    check_against_rebuilt(&empty, "empty");

    for group in [None, Some("a")] {
        let mut editor = Editor::on(&empty, &mut random);
        relate_all(&mut editor, group);
        check_against_rebuilt(&editor.finish(), "full again");
    }
}

//! The inventory being edited by a query: every edit is one of the core's own decisions, on a draft whose reads see it.

use super::names::{self, Own};
use super::refusal::refused;
use super::seen::{Overlay, Seen};
use super::stored;
use crate::error::{Class, Error, Result};
use crate::graph::{Ends, Graph, Hop, Index, Reach, Sink, Symbol, Word};
use crate::syntax::tree::Direction;
use crate::value::{Edge, Entity, Node, SmolStr, Value};
use cmdb_core::command::attributes::{Input, Inputs};
use cmdb_core::command::decider::Decider;
use cmdb_core::command::item::{self, CreateItem, EditItem, RemoveItem};
use cmdb_core::command::relationship::{self, EditRelationship, Relate, Unrelate, Which};
use cmdb_core::command::{Command, Reference, decide, free};
use cmdb_core::graph::{Draft, Records};
use cmdb_core::model::{ItemNumber, RelationshipNumber};

/// A draft behind the language's write trait.
pub(super) struct Edited<'a, 'd> {
    decider: &'a mut Decider<'d>,
    overlay: Overlay,
    /// What must be whole at the end.
    items: Vec<ItemNumber>,
    relationships: Vec<RelationshipNumber>,
    /// The core's own refusal, which says more than a query's error can.
    refusal: Option<cmdb_core::Error>,
}

impl<'a, 'd> Edited<'a, 'd> {
    pub fn new(decider: &'a mut Decider<'d>) -> Edited<'a, 'd> {
        let overlay = Overlay::default();
        Edited { decider, overlay, items: Vec::new(), relationships: Vec::new(), refusal: None }
    }
    pub fn take_refusal(&mut self) -> Option<cmdb_core::Error> {
        self.refusal.take()
    }
    fn seen(&self) -> Seen<'_, Draft> {
        Seen::edited(self.decider.draft(), self.decider.draft().base(), &self.overlay)
    }
    fn is_open(&self) -> bool {
        self.decider.draft().schema().open
    }
    /// Keeps the core's refusal beside the query's error.
    fn kept<T>(&mut self, done: cmdb_core::Result<T>) -> Result<T> {
        done.map_err(|e| {
            let error = refused(&e);
            self.refusal = Some(e);
            error
        })
    }
    fn number(&self, node: Node) -> ItemNumber {
        self.decider.draft().base().number(node.0)
    }
    fn node(&self, number: ItemNumber) -> Node {
        Node(self.decider.draft().base().dense(number))
    }
    fn reference(&self, node: Node) -> Reference {
        Reference(self.seen().element_id(Entity::Node(node)))
    }
    fn which(&self, edge: Edge) -> Which {
        Which::Id(self.decider.draft().id_key().relationship_id(RelationshipNumber(edge.0)))
    }
    fn check_there(&self, entity: Entity) -> Result<()> {
        if self.seen().exists(entity) {
            return Ok(());
        }
        let message = "the element was deleted by this query";
        Err(Error::runtime(Class::EntityNotFound, "DeletedEntityAccess", message))
    }
    fn create_free(&mut self, labels: &[SmolStr], properties: Vec<(SmolStr, Value)>) -> Result<ItemNumber> {
        let mut name = None;
        let mut attributes = free::Properties::new();
        for (key, value) in properties {
            match (key.as_str(), value) {
                ("name", Value::Text(text)) if item::check_name_form(&text) => name = Some(text),
                (_, value) => attributes.push((key.clone(), stored::write(&key, &value)?)),
            }
        }
        let created = free::create(self.decider, labels, name.as_deref(), attributes);
        self.kept(created)
    }
    fn create_classed(
        &mut self,
        labels: &[SmolStr],
        properties: Vec<(SmolStr, Value)>,
    ) -> Result<ItemNumber> {
        let mut new = CreateItem { class: self.class_among(labels)?, ..CreateItem::default() };
        for (key, value) in properties {
            match names::own(&key, false) {
                Some(Own::Name) => new.name = Some(text(&key, value)?),
                Some(Own::Status) => new.status = Some(text(&key, value)?),
                Some(Own::Id | Own::Class) => return Err(not_settable(&key)),
                Some(Own::Group) | None => new.attributes.push((key.clone(), input(&key, &value)?)),
            }
        }
        let created = new.in_part(self.decider);
        let number = self.kept(created)?;
        self.items.push(number);
        Ok(number)
    }
    /// The class that the labels name: one, and perhaps its ancestors beside it.
    fn class_among(&self, labels: &[SmolStr]) -> Result<SmolStr> {
        let (schema, names) = (self.decider.draft().schema(), self.decider.draft().names());
        let [first, rest @ ..] = labels else {
            let message = "an item has a class; the pattern names none";
            return Err(Error::runtime(Class::Refused, "LabelMissing", message)
                .hint("write it as a label: CREATE (s:Server {name: 'web-01'})"));
        };
        let mut class = first;
        for label in rest {
            let symbols = names.get(class).zip(names.get(label));
            match symbols {
                Some((known, other)) if schema.is_a(known, other) => {}
                Some((known, other)) if schema.is_a(other, known) => class = label,
                _ => {
                    let message = format!("an item has one class; {class} and {label} are two");
                    return Err(Error::runtime(Class::Refused, "LabelConflict", message));
                }
            }
        }
        Ok(class.clone())
    }
    fn edit_item(&mut self, node: Node, edit: EditItem) -> Result<bool> {
        let before = self.decider.draft().item_bytes(self.number(node).0).map(<[u8]>::to_vec);
        let done = decide(self.decider, Command::EditItem(edit));
        self.kept(done)?;
        Ok(self.decider.draft().item_bytes(self.number(node).0) != before.as_deref())
    }
    fn plain_edit(&self, node: Node) -> EditItem {
        let item = self.reference(node);
        EditItem { item, if_version: None, name: None, class: None, status: None, attributes: Inputs::new() }
    }
    fn set_on_classed(&mut self, node: Node, key: &str, value: Value) -> Result<bool> {
        let mut edit = self.plain_edit(node);
        match names::own(key, false) {
            Some(Own::Name) => edit.name = Some(text(key, value)?),
            Some(Own::Status) => edit.status = Some(text(key, value)?),
            Some(Own::Id | Own::Class) => return Err(not_settable(key)),
            Some(Own::Group) | None => edit.attributes = vec![(key.into(), input(key, &value)?)],
        }
        self.edit_item(node, edit)
    }
    fn set_on_free(&mut self, node: Node, key: &str, value: Value) -> Result<bool> {
        let number = self.number(node);
        let before =
            self.seen().key(key).map(|k| self.seen().property(Entity::Node(node), k)).unwrap_or_default();
        if before == value {
            return Ok(false);
        }
        let is_name = |value: &Value| matches!(value, Value::Text(t) if item::check_name_form(t));
        let (name, properties) = match (key, &value) {
            ("name", Value::Text(text)) if is_name(&value) => {
                (Some(Some(text.clone())), vec![(key.into(), None)])
            }
            ("name", _) => (Some(None), vec![(key.into(), stored::write(key, &value)?)]),
            _ => (None, vec![(key.into(), stored::write(key, &value)?)]),
        };
        let done = free::edit(self.decider, number, name, properties);
        self.kept(done).map(|()| true)
    }
    fn set_on_edge(&mut self, edge: Edge, key: &str, value: Value) -> Result<bool> {
        let before = self.decider.draft().relationship_bytes(edge.0).map(<[u8]>::to_vec);
        let done = if self.is_open() {
            let properties = vec![(key.into(), stored::write(key, &value)?)];
            free::edit_relationship(self.decider, RelationshipNumber(edge.0), properties)
        } else {
            if key == "group" || names::own(key, false) == Some(Own::Id) {
                return Err(not_settable(key));
            }
            let attributes = vec![(key.into(), input(key, &value)?)];
            let edit = EditRelationship { which: self.which(edge), if_version: None, attributes };
            decide(self.decider, Command::EditRelationship(edit)).map(drop)
        };
        self.kept(done)?;
        Ok(self.decider.draft().relationship_bytes(edge.0) != before.as_deref())
    }
    fn relate(
        &mut self,
        kind: &str,
        source: Node,
        target: Node,
        properties: Vec<(SmolStr, Value)>,
    ) -> Result<RelationshipNumber> {
        if self.is_open() {
            let mut written = free::Properties::new();
            for (key, value) in properties {
                written.push((key.clone(), stored::write(&key, &value)?));
            }
            let ends = (self.number(source), self.number(target));
            let done = free::relate(self.decider, kind, ends.0, ends.1, written);
            return self.kept(done);
        }
        let known = self.seen().kind(kind).map(|k| SmolStr::new(self.seen().text(k)));
        let mut attributes = Inputs::new();
        for (key, value) in properties {
            attributes.push((key.clone(), input(&key, &value)?));
        }
        let (source, target) = (self.reference(source), self.reference(target));
        let new = Relate { kind: known.unwrap_or_else(|| kind.into()), source, target, attributes };
        let first_new = self.decider.draft().next_relationship();
        let first_new = self.kept(first_new)?;
        let done = new.in_part(self.decider);
        let number = self.kept(done)?;
        if number < first_new {
            let message = format!("the two are already related by {kind}");
            return Err(Error::runtime(Class::Refused, "AlreadyRelated", message)
                .hint("MERGE takes the relationship that is there"));
        }
        self.relationships.push(number);
        Ok(number)
    }
}

fn text(key: &str, value: Value) -> Result<SmolStr> {
    match value {
        Value::Text(text) => Ok(text),
        Value::Null => {
            Err(Error::runtime(Class::Refused, "Required", format!("an item always has its {key}"))
                .hint("SET n += {…} changes what the map holds and keeps the rest"))
        }
        other => {
            let message = format!("{key} is a text, not a {}", other.kind_name());
            Err(Error::runtime(Class::Refused, "InvalidPropertyType", message))
        }
    }
}

fn input(key: &str, value: &Value) -> Result<Input> {
    Ok(stored::write(key, value)?.map_or(Input::Clear, Input::Typed))
}

fn not_settable(key: &str) -> Error {
    let hint = match key {
        "class" => "SET n:OtherClass changes the class",
        "group" => "delete the relationship and create it in the other group",
        _ => "ids are given by cmdb and never change",
    };
    Error::runtime(Class::Refused, "NotSettable", format!("\"{key}\" cannot be set")).hint(hint)
}

impl Sink for Edited<'_, '_> {
    fn as_graph(&self) -> &dyn Graph {
        self
    }
    fn create_node(&mut self, labels: &[SmolStr], properties: Vec<(SmolStr, Value)>) -> Result<Node> {
        let number = if self.is_open() {
            self.create_free(labels, properties)
        } else {
            self.create_classed(labels, properties)
        }?;
        Ok(self.node(number))
    }
    fn create_edge(
        &mut self,
        kind: &str,
        source: Node,
        target: Node,
        properties: Vec<(SmolStr, Value)>,
    ) -> Result<Edge> {
        self.check_there(Entity::Node(source))?;
        self.check_there(Entity::Node(target))?;
        let edge = Edge(self.relate(kind, source, target, properties)?.0);
        self.overlay.related.entry(source.0).or_default().push((edge, true));
        self.overlay.related.entry(target.0).or_default().push((edge, false));
        Ok(edge)
    }
    fn set_property(&mut self, entity: Entity, key: &str, value: Value) -> Result<bool> {
        self.check_there(entity)?;
        match entity {
            Entity::Node(node) if self.is_open() => self.set_on_free(node, key, value),
            Entity::Node(node) => self.set_on_classed(node, key, value),
            Entity::Edge(edge) => self.set_on_edge(edge, key, value),
        }
    }
    fn add_label(&mut self, node: Node, label: &str) -> Result<bool> {
        self.check_there(Entity::Node(node))?;
        if self.seen().label(label).is_some_and(|known| self.seen().has_label(node, known)) {
            return Ok(false);
        }
        if !self.is_open() {
            let edit = EditItem { class: Some(label.into()), ..self.plain_edit(node) };
            return self.edit_item(node, edit);
        }
        let mut labels: Vec<SmolStr> =
            self.seen().labels_of(node).into_iter().map(|l| self.seen().text(l).into()).collect();
        labels.push(label.into());
        let done = free::relabel(self.decider, self.number(node), &labels);
        self.kept(done).map(|()| true)
    }
    fn remove_label(&mut self, node: Node, label: &str) -> Result<bool> {
        self.check_there(Entity::Node(node))?;
        if !self.seen().label(label).is_some_and(|known| self.seen().has_label(node, known)) {
            return Ok(false);
        }
        if !self.is_open() {
            let message = format!("an item always has its class, and {label} belongs to it");
            return Err(Error::runtime(Class::Refused, "LabelRequired", message)
                .hint("SET n:OtherClass changes the class"));
        }
        let left = self.seen().labels_of(node).into_iter().map(|l| SmolStr::new(self.seen().text(l)));
        let labels: Vec<SmolStr> = left.filter(|l| l != label).collect();
        let done = free::relabel(self.decider, self.number(node), &labels);
        self.kept(done).map(|()| true)
    }
    fn delete_edge(&mut self, edge: Edge) -> Result<()> {
        if !self.seen().exists(Entity::Edge(edge)) {
            return Ok(());
        }
        let unrelate = Unrelate { which: self.which(edge), if_version: None };
        let done = decide(self.decider, Command::Unrelate(unrelate));
        self.kept(done)?;
        self.overlay.ended.insert(edge.0);
        Ok(())
    }
    fn delete_node(&mut self, node: Node) -> Result<()> {
        if !self.seen().exists(Entity::Node(node)) {
            return Ok(());
        }
        let remove = RemoveItem { item: self.reference(node), if_version: None, cascade: true };
        let done = decide(self.decider, Command::RemoveItem(remove));
        self.kept(done).map(drop)
    }
    fn finish(&mut self) -> Result<()> {
        if self.is_open() {
            return Ok(());
        }
        for number in std::mem::take(&mut self.items) {
            let done = item::check_whole(self.decider, number);
            self.kept(done)?;
        }
        for number in std::mem::take(&mut self.relationships) {
            let done = relationship::check_whole(self.decider, number);
            self.kept(done)?;
        }
        Ok(())
    }
}

impl Graph for Edited<'_, '_> {
    fn text(&self, symbol: Symbol) -> &str {
        names::text(self.decider.draft(), symbol)
    }
    fn label(&self, name: &str) -> Option<Symbol> {
        self.seen().label(name)
    }
    fn kind(&self, name: &str) -> Option<Symbol> {
        self.seen().kind(name)
    }
    fn key(&self, name: &str) -> Option<Symbol> {
        self.seen().key(name)
    }
    fn labels(&self) -> Vec<SmolStr> {
        self.seen().labels()
    }
    fn kinds(&self) -> Vec<SmolStr> {
        self.seen().kinds()
    }
    fn keys(&self) -> Vec<SmolStr> {
        self.seen().keys()
    }
    fn exists(&self, entity: Entity) -> bool {
        self.seen().exists(entity)
    }
    fn labels_of(&self, node: Node) -> Vec<Symbol> {
        self.seen().labels_of(node)
    }
    fn has_label(&self, node: Node, label: Symbol) -> bool {
        self.seen().has_label(node, label)
    }
    fn ends(&self, edge: Edge) -> Ends {
        self.seen().ends(edge)
    }
    fn property(&self, entity: Entity, key: Symbol) -> Value {
        self.seen().property(entity, key)
    }
    fn properties(&self, entity: Entity) -> Vec<(SmolStr, Value)> {
        self.seen().properties(entity)
    }
    fn element_id(&self, entity: Entity) -> SmolStr {
        self.seen().element_id(entity)
    }
    fn node_by_element_id(&self, id: &str) -> Option<Node> {
        self.seen().node_by_element_id(id)
    }
    fn undefined(&self, word: Word, name: &str) -> Option<String> {
        self.seen().undefined(word, name)
    }
    fn scan(&self, label: Option<Symbol>, from: u32, limit: usize, out: &mut Vec<Node>) -> Option<u32> {
        self.seen().scan(label, from, limit, out)
    }
    fn expand(&self, node: Node, direction: Direction, kinds: Option<&[Symbol]>, out: &mut Vec<Hop>) {
        self.seen().expand(node, direction, kinds, out)
    }
    fn lookup(&self, label: Option<Symbol>, key: Symbol, value: &Value, out: &mut Vec<Node>) -> bool {
        self.seen().lookup(label, key, value, out)
    }
    fn lookup_estimate(&self, label: Option<Symbol>, key: Symbol) -> Option<f64> {
        self.seen().lookup_estimate(label, key)
    }
    fn reach(&self, question: &Reach<'_>, out: &mut Vec<Node>) -> bool {
        self.seen().reach(question, out)
    }
    fn indexes(&self) -> Vec<Index> {
        self.seen().indexes()
    }
    fn count_nodes(&self, label: Option<Symbol>) -> u64 {
        self.seen().count_nodes(label)
    }
    fn count_edges(&self, kind: Option<Symbol>) -> u64 {
        self.seen().count_edges(kind)
    }
}

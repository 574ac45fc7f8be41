//! What a profile does to rows once their columns have our names: texts are transformed, and columns that name other
//! items become relationships.

use crate::mapping::{Link, Shape};
use crate::{Mapping, PlannedChange, Sink};
use cmdb_core::Result;
use cmdb_core::model::Value;
use cmdb_core::model::intake::{Batch, Cell, Complaint, Table, TableKind};
use smol_str::SmolStr;
use std::sync::Arc;

/// A sink that shapes what it is given and hands it on.
pub(crate) struct Shaping<'s> {
    mapping: &'s Mapping,
    sink: &'s mut dyn Sink,
    plan: Option<Plan>,
}

/// What becomes of the columns of one table.
struct Plan {
    table: Arc<Table>,
    shapes: Vec<Option<Arc<Shape>>>,
    links: Vec<(usize, Arc<Link>)>,
    /// The table without the columns that are links.
    kept: Arc<Table>,
    /// One table for each link.
    linked: Vec<Arc<Table>>,
}

impl<'s> Shaping<'s> {
    pub fn new(mapping: &'s Mapping, sink: &'s mut dyn Sink) -> Self {
        Shaping { mapping, sink, plan: None }
    }
}

impl Sink for Shaping<'_> {
    fn batch(&mut self, batch: Batch) -> Result<()> {
        let plan = match self.plan.take().filter(|plan| Arc::ptr_eq(&plan.table, &batch.table)) {
            Some(plan) => plan,
            None => Plan::of(&batch.table, self.mapping),
        };
        let (items, linked) = plan.apply(batch, self.sink);
        self.plan = Some(plan);
        for batch in std::iter::once(items).chain(linked).filter(|batch| !batch.rows.is_empty()) {
            self.sink.batch(batch)?;
        }
        Ok(())
    }

    fn complain(&mut self, complaint: Complaint) {
        self.sink.complain(complaint);
    }

    fn planned(&mut self, change: PlannedChange) -> Result<()> {
        self.sink.planned(change)
    }
}

impl Plan {
    fn of(table: &Arc<Table>, mapping: &Mapping) -> Self {
        let named = table.columns.iter().enumerate();
        let link = |(at, name): (usize, &SmolStr)| Some((at, mapping.link(name)?.clone()));
        let links: Vec<(usize, Arc<Link>)> = named.clone().filter_map(link).collect();
        let is_kept = |at: usize| links.iter().all(|(link, _)| *link != at);
        let kept = named.filter(|(at, _)| is_kept(*at)).map(|(_, name)| name.clone()).collect();
        let linked = links.iter().map(|(_, link)| {
            let ends = ["source", "type", "target"].map(SmolStr::new_static);
            let columns = ends.into_iter().chain(link.set.iter().map(|(name, _)| name.clone())).collect();
            Arc::new(Table { file: table.file.clone(), kind: TableKind::Relationships, columns })
        });
        Plan {
            shapes: table.columns.iter().map(|name| mapping.shape(name).cloned()).collect(),
            linked: linked.collect(),
            kept: Arc::new(Table { file: table.file.clone(), kind: table.kind, columns: kept }),
            links,
            table: table.clone(),
        }
    }

    /// The rows without their links, and the links of each column.
    fn apply(&self, batch: Batch, sink: &mut dyn Sink) -> (Batch, Vec<Batch>) {
        let empty = |table: &Arc<Table>| Batch { table: table.clone(), rows: Vec::new(), cells: Vec::new() };
        let mut items = empty(&self.kept);
        let mut linked: Vec<Batch> = self.linked.iter().map(empty).collect();
        for (row, cells) in batch.iter() {
            let mut shaped = Vec::with_capacity(cells.len());
            let mut whole = true;
            for (at, cell) in cells.iter().enumerate() {
                match self.shapes.get(at).and_then(Option::as_ref).map(|shape| shape_cell(shape, cell)) {
                    None => shaped.push(cell.clone()),
                    Some(Ok(cell)) => shaped.push(cell),
                    Some(Err(message)) => {
                        whole = false;
                        self.complain(sink, row, Some(at), "mapping.transform", message);
                    }
                }
            }
            if !whole {
                continue;
            }
            for ((at, link), out) in self.links.iter().zip(&mut linked) {
                let text = text_of(&shaped[*at]);
                let ends: Vec<SmolStr> = link.ends(&text).collect();
                if ends.is_empty() {
                    continue;
                }
                let Some(own) = self.own(&shaped) else {
                    let message =
                        format!("a row with \"{}\" needs an id, or a class and a name", link.column);
                    self.complain(sink, row, Some(*at), "mapping.no-end", message);
                    continue;
                };
                for other in ends {
                    let (source, target) =
                        if link.reverse { (other, own.clone()) } else { (own.clone(), other) };
                    out.rows.push(row);
                    out.cells.extend([source, link.kind.clone(), target].map(Cell::Text));
                    out.cells.extend(link.set.iter().map(|(_, text)| Cell::Text(text.clone())));
                }
            }
            items.rows.push(row);
            let is_kept = |at: usize| self.links.iter().all(|(link, _)| *link != at);
            items
                .cells
                .extend(shaped.into_iter().enumerate().filter(|(at, _)| is_kept(*at)).map(|(_, cell)| cell));
        }
        (items, linked)
    }

    /// What the item of a row is referred to by.
    fn own(&self, cells: &[Cell]) -> Option<SmolStr> {
        let text = |name: &str| {
            let at = self.table.columns.iter().position(|column| column == name)?;
            Some(text_of(&cells[at])).filter(|text| !text.is_empty())
        };
        match (text("id"), text("class"), text("name")) {
            (Some(id), ..) => Some(SmolStr::from(id)),
            (None, Some(class), Some(name)) => Some(SmolStr::from(format!("{class}:{name}"))),
            _ => None,
        }
    }

    fn complain(
        &self,
        sink: &mut dyn Sink,
        row: u64,
        at: Option<usize>,
        code: &'static str,
        message: String,
    ) {
        let column = at.and_then(|at| self.table.columns.get(at)).map(|name| {
            match self.links.iter().find(|(link, _)| Some(*link) == at) {
                Some((_, link)) => link.column.clone(),
                None => name.clone(),
            }
        });
        sink.complain(Complaint { file: self.table.file.clone(), row, column, code, message });
    }
}

fn text_of(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.to_string(),
        Cell::Typed(value) => value.to_string(),
    }
}

/// A cell after its transforms. Lists are transformed one by one; maps stay as they are.
fn shape_cell(shape: &Shape, cell: &Cell) -> std::result::Result<Cell, String> {
    let texts = match cell {
        Cell::Typed(Value::Map(_)) => return Ok(cell.clone()),
        Cell::Typed(Value::List(values)) => {
            let texts = values.iter().map(|value| shape.apply(&value.to_string()));
            return texts.collect::<std::result::Result<Vec<_>, _>>().map(|texts| list(texts.concat()));
        }
        Cell::Empty => shape.apply("")?,
        Cell::Text(text) => shape.apply(text)?,
        Cell::Typed(value) => shape.apply(&value.to_string())?,
    };
    if shape.is_list() {
        return Ok(list(texts));
    }
    Ok(texts.into_iter().next().map_or(Cell::Empty, |text| Cell::Text(SmolStr::from(text))))
}

fn list(texts: Vec<String>) -> Cell {
    if texts.is_empty() {
        return Cell::Empty;
    }
    Cell::Typed(Value::List(texts.iter().map(|text| Value::text(text)).collect()))
}

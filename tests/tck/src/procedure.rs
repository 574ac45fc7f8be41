//! Procedures that scenarios declare: a signature and a table of what they answer.

use crate::cell::{self, Cell};
use crate::gherkin::Table;
use cmdb_query::procedure::{Field, Procedure, Rows, Signature};
use cmdb_query::scene::Scene;
use cmdb_query::value::Value;

/// Answers each call with the rows whose inputs equal its arguments.
pub struct Declared {
    signature: Signature,
    rows: Vec<Vec<Value>>,
}

impl Declared {
    /// `test.my.proc(in :: INTEGER?) :: (out :: STRING?)` and a table with inputs and outputs as columns.
    ///
    /// # Errors
    /// What is not understood.
    pub fn parse(text: &str, table: Option<&Table>) -> Result<Declared, String> {
        let (name, rest) = text.split_once('(').ok_or("a signature without parentheses")?;
        let (inputs, rest) = rest.split_once(')').ok_or("a signature without an end")?;
        let outputs = rest.trim().trim_end_matches(':').trim().trim_start_matches("::").trim();
        let signature = Signature {
            name: name.trim().into(),
            inputs: fields(inputs)?,
            outputs: fields(outputs.trim_start_matches('(').trim_end_matches(')'))?,
            description: "declared by a scenario".into(),
        };
        let rows = table.and_then(|t| t.split_first()).map_or(&[][..], |(_, rows)| rows);
        let read = |row: &Vec<String>| row.iter().map(|c| cell::parse(c)?.to_value()).collect();
        Ok(Declared { signature, rows: rows.iter().map(read).collect::<Result<_, String>>()? })
    }
}

fn fields(text: &str) -> Result<Vec<Field>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let field = |part: &str| {
        let (name, kind) = part.split_once("::").ok_or("a field without a type")?;
        Ok(Field { name: name.trim().into(), kind: kind.trim().into(), default: None })
    };
    parts.map(field).collect()
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(n) => Some(*n as f64),
        Value::Float(n) => Some(*n),
        _ => None,
    }
}

impl Procedure for Declared {
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn call<'a>(&'a self, _: &Scene<'a>, arguments: Vec<Value>) -> cmdb_query::Result<Rows<'a>> {
        let inputs = self.signature.inputs.len();
        let fits = move |row: &&'a Vec<Value>| {
            let same = |(a, b): (&Value, &Value)| a == b || number(a).is_some() && number(a) == number(b);
            row.iter().zip(&arguments).all(same)
        };
        Ok(Box::new(self.rows.iter().filter(fits).map(move |row| Ok(row[inputs..].to_vec()))))
    }
}

/// Parameters or any other table of names and values.
pub fn named(table: &Table) -> Result<Vec<(String, Cell)>, String> {
    table.iter().map(|row| Ok((row[0].clone(), cell::parse(row.get(1).map_or("", |c| c))?))).collect()
}

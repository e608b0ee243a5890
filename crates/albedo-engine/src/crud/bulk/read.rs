//! The body of a bulk: a list of operations, and all that is wrong with all of them at once.

use albedo_core::body::Purpose;
use albedo_core::fault::{Code, Fault, Faults};
use albedo_core::scalar;
use albedo_entities::Description;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::place::{self, at};
use crate::crud::{Crud, Expected};
use crate::error::ServiceError;

/// One operation, whose body is right.
#[derive(Clone, Debug)]
pub enum Operation {
    /// A new row.
    Create {
        /// Its fields.
        body: Map<String, Value>,
    },
    /// A change of a row.
    Update {
        /// Which row.
        id: Uuid,
        /// The state that it is in, as the caller believes.
        expected: Expected,
        /// The fields that change.
        patch: Map<String, Value>,
    },
    /// A row less.
    Delete {
        /// Which row.
        id: Uuid,
        /// The state that it is in, as the caller believes.
        expected: Expected,
    },
}

impl Operation {
    /// The row that it is about, if that is there already.
    #[must_use]
    pub fn row(&self) -> Option<(Uuid, &Expected)> {
        match self {
            Self::Create { .. } => None,
            Self::Update { id, expected, .. } | Self::Delete { id, expected } => Some((*id, expected)),
        }
    }
}

/// What an operation may be called.
const CREATE: &str = "create";
const UPDATE: &str = "update";
const DELETE: &str = "delete";

/// How an entity tag is read, which is known above.
pub type ReadTags = fn(&str) -> Option<Expected>;

/// Reads one operation after another, and goes on after each fault.
struct Reading<'r> {
    crud: &'r Crud<'r>,
    tags: ReadTags,
    faults: Faults,
    seen: Vec<Uuid>,
}

pub(super) fn read(crud: &Crud<'_>, body: Value, tags: ReadTags, most: usize) -> Result<Vec<Operation>, ServiceError> {
    let items = items(body, most).map_err(ServiceError::Invalid)?;
    let mut reading = Reading { crud, tags, faults: Faults::none(), seen: Vec::with_capacity(items.len()) };
    let mut operations = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        if reading.faults.is_full() {
            break;
        }
        operations.extend(reading.operation(index, item)?);
    }
    reading.faults.none_or(operations).map_err(ServiceError::Invalid)
}

/// The list in the body.
fn items(body: Value, most: usize) -> Result<Vec<Value>, Faults> {
    let Value::Object(mut object) = body else {
        return Err(wrong_type("", "object").into());
    };
    let mut faults = Faults::none();
    let items = object.remove("operations");
    unknown("", &object, &["operations"], &mut faults);
    let all = "/operations";
    match &items {
        Some(Value::Array(items)) if items.is_empty() => {
            faults.add(Fault::at(all, Code::Required, "Send at least one operation.").with("min", 1));
        }
        Some(Value::Array(items)) if items.len() > most => {
            let detail = format!("At most {most} operations are allowed.");
            faults.add(Fault::at(all, Code::TooMany, detail).with("max", most).with("count", items.len()));
        }
        Some(Value::Array(_)) => {}
        Some(_) => faults.add(wrong_type(all, "array")),
        None => faults.add(Fault::at(all, Code::Required, "This field is required.")),
    }
    faults.none_or(if let Some(Value::Array(items)) = items { items } else { Vec::new() })
}

impl Reading<'_> {
    /// The operation, if nothing is wrong with it.
    fn operation(&mut self, index: usize, item: Value) -> Result<Option<Operation>, ServiceError> {
        let Value::Object(mut item) = item else {
            self.faults.add(wrong_type(&at(index, ""), "object"));
            return Ok(None);
        };
        let Some(name) = self.name(index, item.remove("op")) else { return Ok(None) };
        let (id, tags, body) = (item.remove("id"), item.remove("if_match"), item.remove("body"));
        let known: &[&str] = match name {
            CREATE => &["op", "body"],
            UPDATE => &["op", "id", "if_match", "body"],
            _ => &["op", "id", "if_match"],
        };
        // Known to others: put back, to be told like any other that is not known here.
        for (name, value) in [("id", &id), ("if_match", &tags), ("body", &body)] {
            if let Some(value) = value
                && !known.contains(&name)
            {
                item.insert(name.to_owned(), value.clone());
            }
        }
        unknown(&at(index, ""), &item, known, &mut self.faults);
        let target = (name != CREATE).then(|| (self.id(index, id.as_ref()), self.expected(index, tags.as_ref())));
        let body = if name == DELETE { None } else { self.body(index, name, body)? };
        Ok(match (target, body) {
            (None, Some(body)) => Some(Operation::Create { body }),
            (Some((Some(id), Some(expected))), Some(patch)) => Some(Operation::Update { id, expected, patch }),
            (Some((Some(id), Some(expected))), None) if name == DELETE => Some(Operation::Delete { id, expected }),
            _ => None,
        })
    }

    fn name(&mut self, index: usize, name: Option<Value>) -> Option<&'static str> {
        let place = at(index, "/op");
        let allowed = served(self.crud.resource().description);
        match name {
            Some(Value::String(name)) => {
                let known = allowed.iter().copied().find(|known| *known == name);
                if known.is_none() {
                    let detail = format!("This must be one of {}.", allowed.join(", "));
                    self.faults.add(Fault::at(place, Code::NotAChoice, detail).with("allowed", allowed));
                }
                known
            }
            Some(_) => {
                self.faults.add(wrong_type(&place, "string"));
                None
            }
            None => {
                self.faults.add(Fault::at(place, Code::Required, "This field is required.").with("allowed", allowed));
                None
            }
        }
    }

    fn id(&mut self, index: usize, id: Option<&Value>) -> Option<Uuid> {
        let place = at(index, "/id");
        let fault = match id {
            Some(Value::String(text)) => match scalar::uuid(text) {
                Some(id) if self.seen.contains(&id) => {
                    Fault::at(place, Code::Duplicate, "Another operation is about this row; send one for each row.")
                }
                Some(id) => {
                    self.seen.push(id);
                    return Some(id);
                }
                None => Fault::at(place, Code::InvalidFormat, "This is not a UUID.").with("format", "uuid"),
            },
            Some(_) => wrong_type(&place, "string"),
            None => Fault::at(place, Code::Required, "This field is required."),
        };
        self.faults.add(fault);
        None
    }

    fn expected(&mut self, index: usize, tags: Option<&Value>) -> Option<Expected> {
        let place = at(index, "/if_match");
        let fault = match tags {
            None if self.crud.resource().description.require_if_match => {
                Fault::at(place, Code::Required, "Send the entity tag that was read.")
            }
            None => return Some(Expected::Unsaid),
            Some(Value::String(text)) => match (self.tags)(text) {
                Some(expected) => return Some(expected),
                None => {
                    let detail = "Send * or entity tags in double quotes, such as \"3\".";
                    Fault::at(place, Code::InvalidFormat, detail)
                }
            },
            Some(_) => wrong_type(&place, "string"),
        };
        self.faults.add(fault);
        None
    }

    fn body(
        &mut self,
        index: usize,
        name: &str,
        body: Option<Value>,
    ) -> Result<Option<Map<String, Value>>, ServiceError> {
        let Some(body) = body else {
            self.faults.add(Fault::at(at(index, "/body"), Code::Required, "This field is required."));
            return Ok(None);
        };
        let purpose = if name == CREATE { Purpose::Create } else { Purpose::Update };
        match self.crud.check(purpose, body) {
            Ok(body) => Ok(Some(body)),
            Err(ServiceError::Invalid(faults)) => {
                place::beneath(index, faults).for_each(|fault| self.faults.add(fault));
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }
}

/// The operations that the resource serves at all.
fn served(description: &Description) -> Vec<&'static str> {
    let methods = description.methods;
    let all = [(CREATE, methods.create), (UPDATE, methods.update), (DELETE, methods.delete)];
    all.into_iter().filter(|(_, served)| *served).map(|(name, _)| name).collect()
}

fn wrong_type(pointer: &str, expected: &str) -> Fault {
    let article = if expected == "string" { "a" } else { "an" };
    Fault::at(pointer, Code::WrongType, format!("This must be {article} {expected}.")).with("expected", expected)
}

fn unknown(parent: &str, rest: &Map<String, Value>, known: &[&str], faults: &mut Faults) {
    for name in rest.keys() {
        let shown: String = name.chars().take(64).collect();
        let detail = format!("There is no such field here; allowed are {}.", known.join(", "));
        let pointer = albedo_core::fault::pointer_to(parent, &shown);
        faults.add(Fault::at(pointer, Code::Unknown, detail).with("allowed", known));
    }
}

//! Filters: one field, one operator, typed values.

use chrono::{DateTime, Utc};

use crate::fault::{Code, Fault};
use crate::field::{Field, Kind};
use crate::scalar::{self, Scalar};

/// One condition on the rows of a list.
#[derive(Clone, Debug)]
pub struct Filter {
    /// The field.
    pub field: &'static Field,
    /// What its value must pass.
    pub test: Test,
}

/// What a value must pass. `NotEqual` and `NotIn` are the exact complements of `Equal` and `In`: they let empty values pass.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// The same value.
    Equal(Scalar),
    /// Any other value, or none.
    NotEqual(Scalar),
    /// One of these.
    In(Vec<Scalar>),
    /// None of these, or no value.
    NotIn(Vec<Scalar>),
    /// Holds this text, letter by letter.
    Contains(String),
    /// Holds this text in any case (Unicode simple case folding).
    ContainsAnyCase(String),
    /// Begins with this text, letter by letter.
    StartsWith(String),
    /// Ends with this text, letter by letter.
    EndsWith(String),
    /// Has no value (`true`) or has one (`false`).
    IsNull(bool),
    /// Is more.
    Greater(Scalar),
    /// Is as much or more.
    GreaterOrEqual(Scalar),
    /// Is less.
    Less(Scalar),
    /// Is as much or less.
    LessOrEqual(Scalar),
    /// Lies between the two, both included.
    Between(Scalar, Scalar),
}

impl Test {
    /// The operator that asks for it.
    #[must_use]
    pub const fn operator(&self) -> Operator {
        match self {
            Self::Equal(_) => Operator::Eq,
            Self::NotEqual(_) => Operator::Ne,
            Self::In(_) => Operator::In,
            Self::NotIn(_) => Operator::NotIn,
            Self::Contains(_) => Operator::Contains,
            Self::ContainsAnyCase(_) => Operator::Icontains,
            Self::StartsWith(_) => Operator::StartsWith,
            Self::EndsWith(_) => Operator::EndsWith,
            Self::IsNull(_) => Operator::IsNull,
            Self::Greater(_) => Operator::Gt,
            Self::GreaterOrEqual(_) => Operator::Gte,
            Self::Less(_) => Operator::Lt,
            Self::LessOrEqual(_) => Operator::Lte,
            Self::Between(..) => Operator::Between,
        }
    }
}

/// The operators as clients write them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each stands for the test of its name, and `text` shows how it is written")]
pub enum Operator {
    Eq,
    Ne,
    In,
    NotIn,
    Contains,
    Icontains,
    StartsWith,
    EndsWith,
    IsNull,
    Gt,
    Gte,
    Lt,
    Lte,
    Between,
}

impl Operator {
    /// The operators of a kind, in the order of the documentation. Objects and lists have no filters.
    #[must_use]
    pub const fn of(kind: Kind) -> &'static [Self] {
        use Operator::{
            Between, Contains, EndsWith, Eq, Gt, Gte, Icontains, In, IsNull, Lt, Lte, Ne, NotIn, StartsWith,
        };
        match kind {
            Kind::Text => &[Eq, Ne, In, NotIn, Contains, Icontains, StartsWith, EndsWith, IsNull],
            Kind::Integer32 | Kind::Integer64 | Kind::Number | Kind::Time => {
                &[Eq, Ne, In, NotIn, Gt, Gte, Lt, Lte, Between, IsNull]
            }
            Kind::Boolean => &[Eq, Ne, IsNull],
            Kind::Uuid | Kind::Choice(_) => &[Eq, Ne, In, NotIn, IsNull],
            Kind::Object | Kind::Texts => &[],
        }
    }

    /// The name in a query.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::In => "in",
            Self::NotIn => "not_in",
            Self::Contains => "contains",
            Self::Icontains => "icontains",
            Self::StartsWith => "starts_with",
            Self::EndsWith => "ends_with",
            Self::IsNull => "is_null",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::Between => "between",
        }
    }
}

/// Most values in `in`, `not_in`.
pub const MAX_VALUES: usize = 100;

/// The filter that `parameter` asks for.
pub(super) fn read(field: &'static Field, operator: Operator, parameter: &str, value: &str) -> Result<Filter, Fault> {
    let one = |text: &str| scalar_of(field, parameter, text);
    let test = match operator {
        Operator::Eq => Test::Equal(one(value)?),
        Operator::Ne => Test::NotEqual(one(value)?),
        Operator::In => Test::In(several(field, parameter, value)?),
        Operator::NotIn => Test::NotIn(several(field, parameter, value)?),
        Operator::Contains => Test::Contains(value.to_owned()),
        Operator::Icontains => Test::ContainsAnyCase(value.to_owned()),
        Operator::StartsWith => Test::StartsWith(value.to_owned()),
        Operator::EndsWith => Test::EndsWith(value.to_owned()),
        Operator::IsNull => Test::IsNull(truth(parameter, value)?),
        Operator::Gt => Test::Greater(one(value)?),
        Operator::Gte => Test::GreaterOrEqual(one(value)?),
        Operator::Lt => Test::Less(one(value)?),
        Operator::Lte => Test::LessOrEqual(one(value)?),
        Operator::Between => {
            let (from, to) =
                value.split_once(',').ok_or_else(|| fault(parameter, "Write two values with a comma between them."))?;
            Test::Between(one(from)?, one(to)?)
        }
    };
    Ok(Filter { field, test })
}

fn several(field: &'static Field, parameter: &str, value: &str) -> Result<Vec<Scalar>, Fault> {
    if value.split(',').count() > MAX_VALUES {
        let detail = format!("At most {MAX_VALUES} values are allowed.");
        return Err(Fault::in_parameter(parameter, Code::TooMany, detail).with("max", MAX_VALUES));
    }
    value.split(',').map(|text| scalar_of(field, parameter, text)).collect()
}

fn scalar_of(field: &Field, parameter: &str, text: &str) -> Result<Scalar, Fault> {
    let (scalar, detail) = match field.kind {
        Kind::Text => (Some(Scalar::Text(text.to_owned())), ""),
        Kind::Choice(choices) => return choice(choices, parameter, text),
        Kind::Integer32 => {
            let number = text.parse::<i32>().ok().map(|number| Scalar::Integer(number.into()));
            (number, "This must be a whole number of 32 bits.")
        }
        Kind::Integer64 => (text.parse().ok().map(Scalar::Integer), "This must be a whole number of 64 bits."),
        Kind::Number => {
            let number = text.parse().ok().filter(|number: &f64| number.is_finite());
            (number.map(Scalar::Number), "This must be a number.")
        }
        Kind::Boolean => return truth(parameter, text).map(Scalar::Boolean),
        Kind::Uuid => (scalar::uuid(text).map(Scalar::Uuid), "This must be a UUID."),
        Kind::Time => (time(text).map(Scalar::Time), "This must be an RFC 3339 time such as 2026-01-31T09:30:00Z."),
        Kind::Object | Kind::Texts => (None, "This field has no filters."),
    };
    scalar.ok_or_else(|| fault(parameter, detail))
}

fn choice(choices: &[&str], parameter: &str, text: &str) -> Result<Scalar, Fault> {
    if choices.contains(&text) {
        return Ok(Scalar::Text(text.to_owned()));
    }
    let detail = format!("This must be one of {}.", choices.join(", "));
    Err(Fault::in_parameter(parameter, Code::NotAChoice, detail).with("allowed", choices))
}

fn truth(parameter: &str, text: &str) -> Result<bool, Fault> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(fault(parameter, "This must be true or false.")),
    }
}

fn fault(parameter: &str, detail: &str) -> Fault {
    Fault::in_parameter(parameter, Code::InvalidFormat, detail)
}

/// A time whose offset may have lost its plus: in a query an unescaped `+` arrives as a space, and people do paste times.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let at = text.len().checked_sub("+00:00".len())?;
    if text.as_bytes().get(at) == Some(&b' ') {
        let (left, right) = (text.get(..at)?, text.get(at + 1..)?);
        return scalar::time(&format!("{left}+{right}"));
    }
    scalar::time(text)
}

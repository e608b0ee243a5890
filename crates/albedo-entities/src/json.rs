//! Column types that are stored as JSON.

use std::collections::BTreeMap;

use albedo_core::field::{FieldType, Kind};
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Data of the client's own, kept and given back; names in alphabetical order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Metadata(pub BTreeMap<String, Value>);

// Serde compares floats by value, and JSON has no NaN: equality is total here.
impl Eq for Metadata {}

impl FieldType for Metadata {
    const KIND: Kind = Kind::Object;
}

/// What changed in a row, by field: a list of the value before and the one after, or nothing where it is shown to nobody.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Changes(pub BTreeMap<String, Option<[Value; 2]>>);

// As above: JSON has no NaN.
impl Eq for Changes {}

impl FieldType for Changes {
    const KIND: Kind = Kind::Object;
}

/// A list of texts, in the order sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Texts(pub Vec<String>);

impl FieldType for Texts {
    const KIND: Kind = Kind::Texts;
}

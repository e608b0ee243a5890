//! Rows and lists of them as JSON bytes: written once, and put together and picked from as they are.

use std::borrow::Cow;
use std::fmt;

use albedo_core::listing::Selection;
use albedo_entities::Identity;
use bytes::Bytes;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::error::ServiceError;

/// A row as JSON.
#[derive(Clone, Debug)]
pub struct RowBytes {
    /// Which row, in which state.
    pub identity: Identity,
    /// The JSON; cloning shares it.
    pub body: Bytes,
    /// Whether more is shown than the row's version counts.
    pub(crate) is_more: bool,
}

impl RowBytes {
    /// A number made of all that is shown, where that is more than the row's version counts: it may be the same, and what is
    /// computed, stands beside the row or was written past its resource another. It is made anew each time: rows in lists need
    /// none.
    #[must_use]
    pub fn digest(&self) -> Option<u64> {
        self.is_more.then(|| digest(&self.body))
    }
}

/// A number made of an answer.
#[must_use]
pub fn digest(answer: &[u8]) -> u64 {
    u64::from_be_bytes(Sha256::digest(answer).first_chunk::<8>().copied().unwrap_or_default())
}

/// The items of a list, as one JSON array.
#[derive(Clone, Debug, Default)]
pub struct ItemBytes {
    json: Vec<u8>,
    count: usize,
}

impl ItemBytes {
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The answer of a list: the items, and behind them the fields of `rest`.
    pub(crate) fn with(self, rest: &impl Serialize) -> Result<Bytes, ServiceError> {
        let rest = serde_json::to_vec(rest).map_err(ServiceError::internal)?;
        let mut json = Vec::with_capacity(self.json.len() + rest.len() + 10);
        json.extend_from_slice(b"{\"items\":");
        json.extend_from_slice(&self.json);
        json.push(b',');
        // Behind the brace that it opens with.
        json.extend_from_slice(rest.get(1..).unwrap_or_default());
        Ok(Bytes::from(json))
    }

    /// Where the next item is to be written.
    pub fn item(&mut self) -> &mut Vec<u8> {
        self.json.push(if self.count == 0 { b'[' } else { b',' });
        self.count += 1;
        &mut self.json
    }

    /// All of them.
    #[must_use]
    pub fn end(mut self) -> Self {
        if self.count == 0 {
            self.json.push(b'[');
        }
        self.json.push(b']');
        self
    }
}

/// Puts fields behind those that a row has.
pub(crate) fn put_behind(json: &mut Vec<u8>, beside: &[(&str, Box<RawValue>)]) -> Result<(), ServiceError> {
    for (name, value) in beside {
        if json.pop() != Some(b'}') {
            return Err(ServiceError::internal("a view that is no JSON object has nothing beside it"));
        }
        if json.last() != Some(&b'{') {
            json.push(b',');
        }
        serde_json::to_writer(&mut *json, name).map_err(ServiceError::internal)?;
        json.push(b':');
        json.extend_from_slice(value.get().as_bytes());
        json.push(b'}');
    }
    Ok(())
}

/// The bodies of rows as items of a list.
pub(crate) fn items(rows: &[RowBytes]) -> Result<Vec<&RawValue>, ServiceError> {
    rows.iter().map(|row| serde_json::from_slice(&row.body).map_err(ServiceError::internal)).collect()
}

/// The fields of a row, each as it is written.
struct Fields<'r>(Vec<(Cow<'r, str>, &'r RawValue)>);

pub(crate) fn part(row: &[u8], selection: &Selection) -> Result<Vec<u8>, ServiceError> {
    let mut row: Fields<'_> = serde_json::from_slice(row).map_err(ServiceError::internal)?;
    row.0.retain(|(name, _)| selection.shows(name));
    serde_json::to_vec(&row).map_err(ServiceError::internal)
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole;

        impl<'de> Visitor<'de> for Whole {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = map.next_entry::<Cow<'de, str>, &'de RawValue>()? {
                    fields.push((name, value));
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Whole)
    }
}

#[cfg(test)]
mod tests {
    use albedo_core::field::{Field, Kind};
    use albedo_core::listing::read_row;

    use super::*;

    static FIELDS: [Field; 3] = [
        Field::shown("id", Kind::Uuid, ""),
        Field::shown("name", Kind::Text, ""),
        Field::shown("data", Kind::Object, ""),
    ];

    #[test]
    fn what_is_shown_is_shown_as_it_was_written() {
        let row = br#"{"id":"1","name":"a \"b\"","size":1.0,"data":{"z":1e3,"a":[null, 2]}}"#;
        let shown = |query| {
            let fields = read_row(&FIELDS, query).unwrap().fields.unwrap();
            String::from_utf8(part(row, &fields).unwrap()).unwrap()
        };
        assert_eq!(shown("fields=data,name"), r#"{"id":"1","name":"a \"b\"","data":{"z":1e3,"a":[null, 2]}}"#);
        assert_eq!(shown("fields=id"), r#"{"id":"1"}"#);
    }
}

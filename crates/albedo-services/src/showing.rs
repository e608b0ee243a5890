//! Rows shown in part: the fields that were asked for, in the order in which the whole row has them.
//!
//! A row is written as JSON and its fields are picked from that. What was kept of a row serves every selection of it, and a
//! view that was written by hand is picked from like any other.

use std::borrow::Cow;
use std::fmt;

use albedo_core::listing::Selection;
use bytes::Bytes;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::error::ServiceError;

/// The fields of a row, each as it is written.
struct Row<'r>(Vec<(Cow<'r, str>, &'r RawValue)>);

/// The row with the selected fields alone.
pub(crate) fn selected(row: &[u8], selection: &Selection) -> Result<Bytes, ServiceError> {
    serde_json::to_vec(&part(row, selection)?).map(Bytes::from).map_err(ServiceError::internal)
}

/// The view of a row with the selected fields alone, to be written into a list.
pub(crate) fn picked<V: Serialize>(view: &V, selection: &Selection) -> Result<Box<RawValue>, ServiceError> {
    let whole = serde_json::to_vec(view).map_err(ServiceError::internal)?;
    serde_json::value::to_raw_value(&part(&whole, selection)?).map_err(ServiceError::internal)
}

fn part<'r>(row: &'r [u8], selection: &Selection) -> Result<Row<'r>, ServiceError> {
    let mut row: Row<'r> = serde_json::from_slice(row).map_err(ServiceError::internal)?;
    row.0.retain(|(name, _)| selection.shows(name));
    Ok(row)
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Row<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Row<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = map.next_entry::<Cow<'de, str>, &'de RawValue>()? {
                    fields.push((name, value));
                }
                Ok(Row(fields))
            }
        }

        deserializer.deserialize_map(Fields)
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
            String::from_utf8(selected(row, &fields).unwrap().to_vec()).unwrap()
        };
        assert_eq!(shown("fields=data,name"), r#"{"id":"1","name":"a \"b\"","data":{"z":1e3,"a":[null, 2]}}"#);
        assert_eq!(shown("fields=id"), r#"{"id":"1"}"#);
    }
}

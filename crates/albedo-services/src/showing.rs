//! Rows as clients see them: their columns, what is computed of them, and the rows that relations lead to.
//!
//! A row is written as JSON once; fields are picked from that, and what belongs beside them is put behind them. What was kept
//! of a row serves every selection of it, and a view that was written by hand is picked from like any other.

use std::borrow::Cow;
use std::fmt;

use albedo_core::database::Session;
use albedo_core::listing::{Selection, Showing};
use albedo_entities::Identity;
use bytes::Bytes;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use sha2::{Digest, Sha256};

use crate::crud::CrudService;
use crate::error::ServiceError;
use crate::rules::Rules;

/// A row as JSON.
#[derive(Clone, Debug)]
pub struct RowBytes {
    /// Which row, in which state.
    pub identity: Identity,
    /// The JSON; cloning shares it.
    pub body: Bytes,
    /// Whether more is shown than the row's own columns.
    is_more: bool,
}

impl RowBytes {
    /// A number made of all that is shown, where that is more than the row's own columns: those may be the same, and what is
    /// computed or stands beside them another. It is made anew each time: rows in lists need none.
    #[must_use]
    pub fn digest(&self) -> Option<u64> {
        self.is_more.then(|| {
            let digest = Sha256::digest(&self.body);
            u64::from_be_bytes(digest.first_chunk::<8>().copied().unwrap_or_default())
        })
    }
}

/// What stands behind the columns of a row.
type Beside = Vec<(&'static str, Box<RawValue>)>;

impl<R: Rules> CrudService<'_, R> {
    /// Whether its own columns are all that is shown of a row.
    pub(crate) fn is_plain(showing: &Showing) -> bool {
        showing.expand.is_empty() && !Self::shows_computed(showing)
    }

    /// Whether all of its own columns are, and nothing else.
    pub(crate) fn is_whole(showing: &Showing) -> bool {
        showing.fields.is_none() && Self::is_plain(showing)
    }

    fn shows_computed(showing: &Showing) -> bool {
        R::COMPUTED.iter().any(|field| showing.shows(field.name))
    }

    /// Rows as they are shown, with what is computed of all of them and what stands beside any of them asked for together.
    pub(crate) async fn shown(
        &self,
        session: &Session<'_>,
        rows: &[R::Model],
        showing: &Showing,
    ) -> Result<Vec<RowBytes>, ServiceError> {
        let mut beside: Vec<Beside> = rows.iter().map(|_| Vec::new()).collect();
        if !rows.is_empty() && Self::shows_computed(showing) {
            let computed = R::compute(self.context(), session, rows).await?;
            if computed.len() != rows.len() {
                return Err(ServiceError::internal("`compute` did not give one list of values for each row"));
            }
            for (beside, values) in beside.iter_mut().zip(computed) {
                if values.len() != R::COMPUTED.len() {
                    return Err(ServiceError::internal(
                        "`compute` did not give one value for each field of `COMPUTED`",
                    ));
                }
                for (field, value) in R::COMPUTED.iter().zip(values).filter(|(field, _)| showing.shows(field.name)) {
                    beside.push((field.name, to_raw_value(&value).map_err(ServiceError::internal)?));
                }
            }
        }
        for name in &showing.expand {
            let related = self.related(session, rows, name).await?;
            beside.iter_mut().zip(related).for_each(|(beside, value)| beside.push((*name, value)));
        }
        rows.iter().zip(beside).map(|(row, beside)| whole::<R>(row.clone(), showing, &beside)).collect()
    }

    /// One row, as it is shown.
    pub(crate) async fn one_of(
        &self,
        session: &Session<'_>,
        row: &R::Model,
        showing: &Showing,
    ) -> Result<RowBytes, ServiceError> {
        if Self::is_plain(showing) {
            return Self::plain(row.clone(), showing);
        }
        let shown = self.shown(session, std::slice::from_ref(row), showing).await?;
        shown.into_iter().next().ok_or_else(|| ServiceError::internal("a row is not shown"))
    }

    /// A row of which nothing but its own columns is shown.
    pub(crate) fn plain(row: R::Model, showing: &Showing) -> Result<RowBytes, ServiceError> {
        whole::<R>(row, showing, &[])
    }
}

fn whole<R: Rules>(
    row: R::Model,
    showing: &Showing,
    beside: &[(&str, Box<RawValue>)],
) -> Result<RowBytes, ServiceError> {
    let identity = R::identity(&row);
    let mut json = serde_json::to_vec(&R::View::from(row)).map_err(ServiceError::internal)?;
    if let Some(selection) = &showing.fields {
        json = part(&json, selection)?;
    }
    for (name, value) in beside {
        if json.pop() != Some(b'}') {
            return Err(ServiceError::internal("a view that is no JSON object has nothing beside it"));
        }
        if json.last() != Some(&b'{') {
            json.push(b',');
        }
        serde_json::to_writer(&mut json, name).map_err(ServiceError::internal)?;
        json.push(b':');
        json.extend_from_slice(value.get().as_bytes());
        json.push(b'}');
    }
    Ok(RowBytes { identity, body: Bytes::from(json), is_more: !CrudService::<R>::is_plain(showing) })
}

/// The row that was kept whole, as it is shown.
pub(crate) fn selected<R: Rules>(
    identity: Identity,
    whole: Bytes,
    showing: &Showing,
) -> Result<RowBytes, ServiceError> {
    let body = match &showing.fields {
        Some(selection) => Bytes::from(part(&whole, selection)?),
        None => whole,
    };
    Ok(RowBytes { identity, body, is_more: !CrudService::<R>::is_plain(showing) })
}

/// The bodies of rows as items of a list.
pub(crate) fn items(rows: &[RowBytes]) -> Result<Vec<&RawValue>, ServiceError> {
    rows.iter().map(|row| serde_json::from_slice(&row.body).map_err(ServiceError::internal)).collect()
}

/// The fields of a row, each as it is written.
struct Row<'r>(Vec<(Cow<'r, str>, &'r RawValue)>);

fn part(row: &[u8], selection: &Selection) -> Result<Vec<u8>, ServiceError> {
    let mut row: Row<'_> = serde_json::from_slice(row).map_err(ServiceError::internal)?;
    row.0.retain(|(name, _)| selection.shows(name));
    serde_json::to_vec(&row).map_err(ServiceError::internal)
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
            String::from_utf8(part(row, &fields).unwrap()).unwrap()
        };
        assert_eq!(shown("fields=data,name"), r#"{"id":"1","name":"a \"b\"","data":{"z":1e3,"a":[null, 2]}}"#);
        assert_eq!(shown("fields=id"), r#"{"id":"1"}"#);
    }
}

//! Rows as clients see them: their columns, what is computed of them, and the rows that relations lead to.
//!
//! A row is written as JSON once; fields are picked from that, and what belongs beside them is put behind them. What was kept
//! of a row serves every selection of it, and a view that was written by hand is picked from like any other.

use std::time::Duration;

use albedo_core::database::Session;
use albedo_core::listing::Showing;
use albedo_entities::{Identity, Resource};
use bytes::Bytes;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::crud::Crud;
use crate::error::ServiceError;
use crate::row_bytes::{RowBytes, part, put_behind};

/// A row of which nothing but its own columns is written yet.
pub struct Bare {
    /// Which row.
    pub identity: Identity,
    /// Its columns, written.
    pub json: Vec<u8>,
    /// The rows that its relations lead to, in the order in which they are asked for; `None` leads to none, or below itself.
    pub leads: Vec<Option<Uuid>>,
}

impl Crud<'_> {
    /// Whether its own columns are all that is shown of a row.
    #[must_use]
    pub fn is_plain(&self, showing: &Showing) -> bool {
        showing.expand.is_empty() && !self.shows_computed(showing)
    }

    /// Whether the version of a row counts all that is shown of it. What is never kept has writes that nobody is told of, as
    /// signing in writes a user's last one, and those may leave the version as it is.
    fn is_counted(&self, showing: &Showing) -> bool {
        self.is_plain(showing) && self.resource().description.cache_ttl != Some(Duration::ZERO)
    }

    /// Whether all of its own columns are, and nothing else.
    #[must_use]
    pub fn is_whole(&self, showing: &Showing) -> bool {
        showing.fields.is_none() && self.is_plain(showing)
    }

    /// Whether anything computed is shown of a row.
    #[must_use]
    pub fn shows_computed(&self, showing: &Showing) -> bool {
        self.resource().computed.iter().any(|field| showing.shows(field.name))
    }

    /// The row that was written whole, as it is shown.
    ///
    /// # Errors
    /// When the row that was written is no JSON object.
    pub fn selected(&self, identity: Identity, whole: Bytes, showing: &Showing) -> Result<RowBytes, ServiceError> {
        let body = match &showing.fields {
            Some(selection) => Bytes::from(part(&whole, selection)?),
            None => whole,
        };
        Ok(RowBytes { identity, body, is_more: !self.is_counted(showing) })
    }

    /// Rows with what stands behind their columns: what is computed, and what relations lead to.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`] for what stands at the end of a relation, and when the database does not answer.
    pub async fn completed(
        &self,
        session: &Session<'_>,
        rows: Vec<Bare>,
        computed: Option<Vec<Vec<Value>>>,
        showing: &Showing,
    ) -> Result<Vec<RowBytes>, ServiceError> {
        let mut beside: Vec<Vec<(&str, Box<RawValue>)>> = rows.iter().map(|_| Vec::new()).collect();
        if let Some(computed) = computed {
            let fields = self.resource().computed;
            if computed.len() != rows.len() {
                return Err(ServiceError::internal("`compute` did not give one list of values for each row"));
            }
            for (beside, values) in beside.iter_mut().zip(computed) {
                if values.len() != fields.len() {
                    return Err(ServiceError::internal(
                        "`compute` did not give one value for each field of `COMPUTED`",
                    ));
                }
                for (field, value) in fields.iter().zip(values).filter(|(field, _)| showing.shows(field.name)) {
                    beside.push((field.name, to_raw_value(&value).map_err(ServiceError::internal)?));
                }
            }
        }
        for (place, name) in showing.expand.iter().enumerate() {
            let leads = rows.iter().map(|row| (row.identity.id, row.leads.get(place).copied().flatten())).collect();
            let related = self.related(session, leads, name).await?;
            beside.iter_mut().zip(related).for_each(|(beside, value)| beside.push((*name, value)));
        }
        let is_more = !self.is_counted(showing);
        let completed = rows.into_iter().zip(beside).map(|(Bare { identity, mut json, .. }, beside)| {
            if let Some(selection) = &showing.fields {
                json = part(&json, selection)?;
            }
            put_behind(&mut json, &beside)?;
            Ok(RowBytes { identity, body: Bytes::from(json), is_more })
        });
        completed.collect()
    }
}

/// The row as clients see it, field by field.
///
/// # Errors
/// When its view cannot be written.
pub fn view<R: Resource>(row: &R::Model) -> Result<Map<String, Value>, ServiceError> {
    let json = json::<R>(row.clone())?;
    serde_json::from_slice(&json).map_err(ServiceError::internal)
}

/// The row as it is shown whole, as JSON.
///
/// # Errors
/// When its view cannot be written.
pub fn json<R: Resource>(row: R::Model) -> Result<Vec<u8>, ServiceError> {
    let mut json = Vec::with_capacity(512);
    write::<R>(row, &mut json)?;
    Ok(json)
}

/// The same, behind what is written already.
///
/// # Errors
/// When its view cannot be written.
pub fn write<R: Resource>(row: R::Model, json: &mut Vec<u8>) -> Result<(), ServiceError> {
    match R::View::from(row).serialize(&mut serde_json::Serializer::new(json)) {
        Ok(()) => Ok(()),
        Err(error) => Err(ServiceError::internal(error)),
    }
}

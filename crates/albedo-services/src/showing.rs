//! Rows as clients see them: their columns, what is computed of them, and the rows that relations lead to.
//!
//! A row is written as JSON once; fields are picked from that, and what belongs beside them is put behind them. What was kept
//! of a row serves every selection of it, and a view that was written by hand is picked from like any other.

use albedo_core::database::Session;
use albedo_core::listing::Showing;
use albedo_entities::{Identity, Resource};
use albedo_repositories::referred;
use bytes::Bytes;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::crud::{Crud, Rows};
use crate::error::ServiceError;
use crate::row_bytes::{ItemBytes, RowBytes, part, put_behind};
use crate::rules::Rules;

/// A row of which nothing but its own columns is written yet.
struct Bare {
    identity: Identity,
    json: Vec<u8>,
    /// The rows that its relations lead to, in the order in which they are asked for; `None` leads to none, or below itself.
    leads: Vec<Option<Uuid>>,
}

impl<R: Rules> Rows<'_, R> {
    /// One row, as it is shown.
    pub(crate) async fn one(
        &self,
        session: &Session<'_>,
        row: R::Model,
        showing: &Showing,
    ) -> Result<RowBytes, ServiceError> {
        if self.is_plain(showing) {
            let identity = R::identity(&row);
            return self.selected(identity, Bytes::from(json::<R>(row)?), showing);
        }
        self.shown(session, vec![row], showing).await?.pop().ok_or_else(|| ServiceError::internal("a row is not shown"))
    }

    /// Rows as they are shown, with what is computed of all of them and what stands beside any of them asked for together.
    pub(crate) async fn shown(
        &self,
        session: &Session<'_>,
        rows: Vec<R::Model>,
        showing: &Showing,
    ) -> Result<Vec<RowBytes>, ServiceError> {
        let wants_computed = !rows.is_empty() && self.shows_computed(showing);
        let computed = if wants_computed { Some(R::compute(self.context(), session, &rows).await?) } else { None };
        let columns = self.leading(showing);
        let mut bare = Vec::with_capacity(rows.len());
        for row in rows {
            let (identity, mut leads) = (R::identity(&row), Vec::with_capacity(columns.len()));
            for column in &columns {
                leads.push(column.and_then(|column| referred::<R>(&row, column)));
            }
            bare.push(Bare { identity, json: json::<R>(row)?, leads });
        }
        self.completed(session, bare, computed, showing).await
    }

    /// Rows as the items of a list.
    pub(crate) async fn items(
        &self,
        session: &Session<'_>,
        rows: Vec<R::Model>,
        showing: &Showing,
    ) -> Result<ItemBytes, ServiceError> {
        let mut items = ItemBytes::new();
        if self.is_whole(showing) {
            for row in rows {
                write::<R>(row, items.next())?;
            }
        } else {
            for row in self.shown(session, rows, showing).await? {
                items.next().extend_from_slice(&row.body);
            }
        }
        Ok(items.end())
    }
}

impl Crud<'_> {
    /// Whether its own columns are all that is shown of a row.
    pub(crate) fn is_plain(&self, showing: &Showing) -> bool {
        showing.expand.is_empty() && !self.shows_computed(showing)
    }

    /// Whether all of its own columns are, and nothing else.
    fn is_whole(&self, showing: &Showing) -> bool {
        showing.fields.is_none() && self.is_plain(showing)
    }

    fn shows_computed(&self, showing: &Showing) -> bool {
        self.resource().computed.iter().any(|field| showing.shows(field.name))
    }

    /// The row that was written whole, as it is shown.
    pub(crate) fn selected(
        &self,
        identity: Identity,
        whole: Bytes,
        showing: &Showing,
    ) -> Result<RowBytes, ServiceError> {
        let body = match &showing.fields {
            Some(selection) => Bytes::from(part(&whole, selection)?),
            None => whole,
        };
        Ok(RowBytes { identity, body, is_more: !self.is_plain(showing) })
    }

    /// Rows with what stands behind their columns: what is computed, and what relations lead to.
    async fn completed(
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
        let is_more = !self.is_plain(showing);
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
pub(crate) fn view<R: Resource>(row: &R::Model) -> Result<Map<String, Value>, ServiceError> {
    let json = json::<R>(row.clone())?;
    serde_json::from_slice(&json).map_err(ServiceError::internal)
}

fn json<R: Resource>(row: R::Model) -> Result<Vec<u8>, ServiceError> {
    let mut json = Vec::with_capacity(512);
    write::<R>(row, &mut json)?;
    Ok(json)
}

fn write<R: Resource>(row: R::Model, json: &mut Vec<u8>) -> Result<(), ServiceError> {
    match R::View::from(row).serialize(&mut serde_json::Serializer::new(json)) {
        Ok(()) => Ok(()),
        Err(error) => Err(ServiceError::internal(error)),
    }
}

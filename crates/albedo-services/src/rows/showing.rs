//! Rows as they are shown, written once as JSON, with what is computed of them and what their relations lead to.

use albedo_core::database::Session;
use albedo_core::listing::Showing;
use albedo_engine::ServiceError;
use albedo_engine::row_bytes::{ItemBytes, RowBytes};
use albedo_engine::showing::{Bare, json, write};
use albedo_repositories::referred;
use bytes::Bytes;

use super::Rows;
use crate::rules::Rules;

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
        let mut items = ItemBytes::default();
        if self.is_whole(showing) {
            for row in rows {
                write::<R>(row, items.item())?;
            }
        } else {
            for row in self.shown(session, rows, showing).await? {
                items.item().extend_from_slice(&row.body);
            }
        }
        Ok(items.end())
    }
}

//! All that an assistant understands, in two queries; and in one what tells whether it has changed.

use albedo_entities::{Resource, entity, value};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::error::RepositoryError;
use crate::scope::living;

/// The entities and values of one assistant. The assistant itself is looked up, in scope, by whoever asks.
pub struct Vocabulary<'c, C> {
    connection: &'c C,
    assistant: Uuid,
}

/// What differs whenever a row of the vocabulary was made, changed or deleted: how many there are, the sum of their
/// versions, and the newest change, of the entities and of the values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint([(i64, i64, Option<DateTime<Utc>>); 2]);

impl Fingerprint {
    /// How many values there are.
    #[must_use]
    pub fn values(&self) -> u64 {
        let [_, (count, _, _)] = self.0;
        count.unsigned_abs()
    }
}

impl<'c, C: ConnectionTrait> Vocabulary<'c, C> {
    /// Of this assistant, on a connection or a transaction.
    pub const fn of(connection: &'c C, assistant: Uuid) -> Self {
        Self { connection, assistant }
    }

    /// What tells whether anything has changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fingerprint(&self) -> Result<Fingerprint, RepositoryError> {
        let entities = self.entity_rows().select_only();
        let entities = summary(entities, entity::Column::Version, entity::Column::UpdatedAt);
        let values = summary(self.value_rows().select_only(), value::Column::Version, value::Column::UpdatedAt);
        let entities = entities.into_tuple().one(self.connection).await?;
        let values = values.into_tuple().one(self.connection).await?;
        Ok(Fingerprint([entities.unwrap_or_default(), values.unwrap_or_default()]))
    }

    /// The entities by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn entities(&self) -> Result<Vec<entity::Model>, RepositoryError> {
        Ok(self.entity_rows().order_by_asc(entity::Column::Name).all(self.connection).await?)
    }

    /// The values of all entities, each entity's in their order: at most `most` after the first `offset`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn values(&self, offset: u64, most: u64) -> Result<Vec<value::Model>, RepositoryError> {
        let ordered = self.value_rows().order_by_asc(value::Column::Position).order_by_asc(value::Column::Id);
        Ok(ordered.offset(offset).limit(most).all(self.connection).await?)
    }

    fn entity_rows(&self) -> Select<entity::Entity> {
        let living = living(entity::Entity::description());
        entity::Entity::find().filter(living).filter(entity::Column::AssistantId.eq(self.assistant))
    }

    fn value_rows(&self) -> Select<value::Entity> {
        let entity = value::Entity::belongs_to(entity::Entity).from(value::Column::EntityId).to(entity::Column::Id);
        value::Entity::find()
            .join(JoinType::InnerJoin, entity.into())
            .filter(living(entity::Entity::description()))
            .filter(living(value::Entity::description()))
            .filter(entity::Column::AssistantId.eq(self.assistant))
    }
}

fn summary<E: EntityTrait>(rows: Select<E>, version: E::Column, updated_at: E::Column) -> Select<E> {
    // PostgreSQL's sum of bigints is a numeric, which nobody asked for.
    let versions = Func::coalesce([Expr::col(version.as_column_ref()).sum(), Expr::val(0)]);
    rows.expr_as(Expr::col(version.as_column_ref()).count(), "rows")
        .expr_as(Expr::from(versions).cast_as("bigint"), "versions")
        .expr_as(Expr::col(updated_at.as_column_ref()).max(), "newest")
}

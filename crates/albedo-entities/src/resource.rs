//! What a table promises, so that the generic floors can serve it over REST.
//!
//! Types go into the trait [`Resource`], all the rest into one [`Description`] value: code that reads values is compiled
//! once, not once per resource.

use std::time::Duration;

use albedo_core::field::Field;
use sea_orm::{ActiveModelBehavior, EntityTrait, IntoActiveModel, PrimaryKeyTrait};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::role::Role;

/// A body that clients send.
pub trait Shape: DeserializeOwned + Send {
    /// Its fields. Validation and the OpenAPI document read those that are used for the purpose at hand.
    fn fields() -> &'static [Field];
}

/// A table served over REST.
///
/// `#[resource]` writes the implementation; a hand may as well.
pub trait Resource:
    EntityTrait<
        Model: IntoActiveModel<<Self as EntityTrait>::ActiveModel> + Clone + Send + Sync,
        ActiveModel: ActiveModelBehavior<Entity = Self> + Send + Sync,
        PrimaryKey: PrimaryKeyTrait<ValueType = Uuid>,
    >
{
    /// What makes a row.
    type Create: Shape + IntoActiveModel<Self::ActiveModel>;
    /// What changes a row: absent keeps, `null` clears.
    type Update: Shape + IntoActiveModel<Self::ActiveModel>;
    /// A row as clients see it.
    type View: Serialize + From<Self::Model> + Send;

    /// The columns that the generic floors write themselves.
    const COLUMNS: Columns<Self::Column>;

    /// All that is not a type.
    fn description() -> &'static Description;

    /// The id and version of a row.
    fn identity(row: &Self::Model) -> Identity;
}

/// The columns that the server alone writes.
#[derive(Clone, Copy, Debug)]
pub struct Columns<C> {
    /// Primary key, a UUIDv7 made by the service.
    pub id: C,
    /// Counts from 1 and rises by one with every change.
    pub version: C,
    /// When the row was made; a resource that is only read may do without.
    pub created_at: Option<C>,
    /// When the row was last changed.
    pub updated_at: Option<C>,
    /// Whose row it is.
    pub owner: Option<C>,
    /// The row that it belongs to.
    pub parent: Option<C>,
    /// When it was deleted, where a deleted row can be restored.
    pub deleted_at: Option<C>,
}

/// Which row, in which state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Primary key.
    pub id: Uuid,
    /// State of the row; the entity tag of answers.
    pub version: i64,
}

/// A resource as a value.
#[derive(Debug)]
pub struct Description {
    /// Singular in snake case, such as `city`; `{city_id}` is its path parameter.
    pub name: &'static str,
    /// Singular in camel case, such as `City`; names the schemas.
    pub schema: &'static str,
    /// Path of the list below `/api/v1`, with the parents' parameters.
    pub path: &'static str,
    /// Tag in the OpenAPI document and first half of the operation ids.
    pub tag: &'static str,
    /// The table.
    pub table: fn() -> &'static str,
    /// The doc comment of the entity.
    pub summary: &'static str,
    /// The fields that clients know of.
    pub fields: &'static [Field],
    /// The fields of the body that makes a row.
    pub create_fields: fn() -> &'static [Field],
    /// The fields of the body that changes a row.
    pub update_fields: fn() -> &'static [Field],
    /// The column that holds whose row it is; `None` is everybody's, or its parent's.
    pub owner: Option<&'static str>,
    /// The resource that it belongs to.
    pub parent: Option<Parent>,
    /// Columns that are unique together, one list each.
    pub unique: &'static [&'static [&'static str]],
    /// Columns that refer to other tables.
    pub references: &'static [Reference],
    /// The relations whose rows `expand` shows with a row.
    pub expansions: &'static [Expansion],
    /// The operations that are served.
    pub methods: Methods,
    /// The least role that reads.
    pub read: Role,
    /// The least role that writes.
    pub write: Role,
    /// The column that says when a row was deleted, where it is kept and can be restored; `None` deletes for good.
    pub deleted_at: Option<&'static str>,
    /// Whether each write of a row leaves an audit event.
    pub audit: bool,
    /// Whether a change without `If-Match` is refused (428).
    pub require_if_match: bool,
    /// How long answers may be kept. Without it rows are, for as long as the settings say, and lists are not; with it both
    /// are, for so long at most; zero keeps nothing.
    pub cache_ttl: Option<Duration>,
    /// The order of lists that ask for none, each field with `true` for descending; then the id.
    pub default_sort: &'static [(&'static Field, bool)],
}

/// The resource above a nested one.
#[derive(Debug)]
pub struct Parent {
    /// The column that holds the parent's id.
    pub column: &'static str,
    /// The parent.
    pub description: fn() -> &'static Description,
}

/// A column that refers to a row of another table by its id.
#[derive(Debug)]
pub struct Reference {
    /// The referring column.
    pub column: &'static str,
    /// The table referred to.
    pub table: fn() -> &'static str,
}

/// A relation whose rows can be shown with a row.
#[derive(Debug)]
pub struct Expansion {
    /// What `expand` calls it.
    pub name: &'static str,
    /// The doc comment of the relation.
    pub summary: &'static str,
    /// The resource that it leads to.
    pub target: fn() -> &'static Description,
    /// The way itself.
    pub reach: Reach,
}

/// How many rows a relation leads to, and by which column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// At most one: that to which this column refers.
    One {
        /// The referring column.
        column: &'static str,
    },
    /// Any number: those that have this row for a parent.
    Many,
}

/// The operations that a resource serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an operation of its own, served or not")]
pub struct Methods {
    /// `GET` of the list.
    pub list: bool,
    /// `GET` of one row.
    pub get: bool,
    /// `POST` to the list.
    pub create: bool,
    /// `PATCH` of one row.
    pub update: bool,
    /// `DELETE` of one row.
    pub delete: bool,
}

impl Methods {
    /// All five.
    pub const ALL: Self = Self { list: true, get: true, create: true, update: true, delete: true };
    /// Not one.
    pub const NONE: Self = Self { list: false, get: false, create: false, update: false, delete: false };

    /// Whether any of them writes; then there is a `POST` to the list's `bulk` as well.
    #[must_use]
    pub const fn writes(self) -> bool {
        self.create || self.update || self.delete
    }
}

impl Description {
    /// The parents, nearest first: an entity's value has the entity, then the assistant.
    pub fn parents(&self) -> impl Iterator<Item = &'static Self> {
        let mut next = self.parent.as_ref();
        std::iter::from_fn(move || {
            let parent = (next?.description)();
            next = parent.parent.as_ref();
            Some(parent)
        })
    }

    /// Whether rows belong to somebody, directly or through their parents.
    #[must_use]
    pub fn is_owned(&self) -> bool {
        self.owner.is_some() || self.parents().any(|parent| parent.owner.is_some())
    }

    /// Whether rows are there only as long as rows above them are: those belong to somebody, or can be deleted and stay.
    #[must_use]
    pub fn is_conditional(&self) -> bool {
        self.is_owned() || self.deleted_at.is_some() || self.parents().any(|parent| parent.deleted_at.is_some())
    }

    /// Whether a deleted row can be restored.
    #[must_use]
    pub const fn restores(&self) -> bool {
        self.deleted_at.is_some() && self.methods.delete
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The path parameter of one row, such as `city_id`.
    #[must_use]
    pub fn parameter(&self) -> String {
        format!("{}_id", self.name)
    }
}

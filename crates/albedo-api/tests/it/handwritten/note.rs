//! A resource without the macro: all that `#[resource]` would write, written by hand.
//!
//! A note belongs to its owner and may be about a city, which the client names. What reminds of it is sent and never shown.

#![expect(unreachable_pub, reason = "it is written as it would be in the entities' own crate")]

use std::time::Duration;

use albedo_core::body::present;
use albedo_core::fault::{Code, Fault, Faults};
use albedo_core::field::{self, Bounds, Field, Kind, Uses};
use albedo_entities::json::Metadata;
use albedo_entities::{
    Columns, Description, Expansion, Identity, Methods, Reach, Reference, Resource, Role, Shape, city,
};
use albedo_services::{Act, Context, Rules, ServiceError, Services, Verb, VerbDescription, Work};
use albedo_testing::TestDatabase;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ColumnDef, ForeignKey, ForeignKeyAction, Index, Table};
use sea_orm::{ActiveValue::Set, ConnectionTrait, IntoActiveModel};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub text: String,
    pub pinned: bool,
    pub city_id: Option<Uuid>,
    pub reminders: Metadata,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// What a client sends to make a note.
#[derive(Deserialize)]
pub struct CreateNote {
    text: String,
    pinned: bool,
    #[serde(default)]
    city_id: Option<Uuid>,
    #[serde(default)]
    reminders: Metadata,
}

/// What a client sends to change a note.
#[derive(Deserialize)]
pub struct UpdateNote {
    #[serde(default, deserialize_with = "present")]
    text: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pinned: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    city_id: Option<Option<Uuid>>,
    #[serde(default, deserialize_with = "present")]
    reminders: Option<Metadata>,
}

/// A note as clients see it.
#[derive(Serialize)]
pub struct NoteView {
    id: Uuid,
    text: String,
    pinned: bool,
    city_id: Option<Uuid>,
    version: i64,
    #[serde(serialize_with = "field::write")]
    created_at: DateTimeUtc,
    #[serde(serialize_with = "field::write")]
    updated_at: DateTimeUtc,
}

impl IntoActiveModel<ActiveModel> for CreateNote {
    fn into_active_model(self) -> ActiveModel {
        let Self { text, pinned, city_id, reminders } = self;
        ActiveModel {
            text: Set(text),
            pinned: Set(pinned),
            city_id: Set(city_id),
            reminders: Set(reminders),
            ..Default::default()
        }
    }
}

impl IntoActiveModel<ActiveModel> for UpdateNote {
    fn into_active_model(self) -> ActiveModel {
        ActiveModel {
            text: self.text.map(Set).unwrap_or_default(),
            pinned: self.pinned.map(Set).unwrap_or_default(),
            city_id: self.city_id.map(Set).unwrap_or_default(),
            reminders: self.reminders.map(Set).unwrap_or_default(),
            ..Default::default()
        }
    }
}

impl From<Model> for NoteView {
    fn from(row: Model) -> Self {
        let Model { id, text, pinned, city_id, version, created_at, updated_at, .. } = row;
        Self { id, text, pinned, city_id, version, created_at, updated_at }
    }
}

const WRITTEN: Uses = Uses { create: true, update: true, view: true, filter: true, sort: true, search: false };

static FIELDS: [Field; 8] = [
    Field::shown("id", Kind::Uuid, "Identifier, made by the server."),
    Field {
        required: true,
        uses: Uses { search: true, ..WRITTEN },
        bounds: Bounds { min_len: Some(1), max_len: Some(200), ..Bounds::NONE },
        example: Some(r#""Ask about the lift""#),
        ..Field::shown("text", Kind::Text, "What it says.")
    },
    Field { uses: WRITTEN, default: Some("false"), ..Field::shown("pinned", Kind::Boolean, "Whether it comes first.") },
    Field { uses: WRITTEN, nullable: true, ..Field::shown("city_id", Kind::Uuid, "The city it is about.") },
    Field::shown("version", Kind::Integer64, "State of the row."),
    Field::shown("created_at", Kind::Time, "When it was made."),
    Field::shown("updated_at", Kind::Time, "When it was last changed."),
    Field {
        uses: Uses { create: true, update: true, view: false, filter: false, sort: false, search: false },
        default: Some("{}"),
        bounds: Bounds { max_items: Some(3), ..Bounds::NONE },
        ..Field::shown("reminders", Kind::Object, "What reminds of it.")
    },
];

impl Shape for CreateNote {
    fn fields() -> &'static [Field] {
        &FIELDS
    }
}

impl Shape for UpdateNote {
    fn fields() -> &'static [Field] {
        &FIELDS
    }
}

static DESCRIPTION: Description = Description {
    name: "note",
    schema: "Note",
    path: "/notes",
    tag: "notes",
    table: || "notes",
    summary: "A note.",
    fields: &FIELDS,
    create_fields: || &FIELDS,
    update_fields: || &FIELDS,
    owner: Some("owner_id"),
    parent: None,
    unique: &[&["owner_id", "text"]],
    references: &[Reference { column: "city_id", table: || city::Entity.table_name() }],
    expansions: &[Expansion {
        name: "city",
        summary: "The city that it is about.",
        target: city::Entity::description,
        reach: Reach::One { column: "city_id" },
    }],
    methods: Methods { delete: false, ..Methods::ALL },
    read: Role::Viewer,
    write: Role::Editor,
    deleted_at: None,
    audit: false,
    require_if_match: true,
    cache_ttl: Some(Duration::from_secs(60)),
    default_sort: &[(&FIELDS[2], true)],
};

impl Resource for Entity {
    type Create = CreateNote;
    type Update = UpdateNote;
    type View = NoteView;

    const COLUMNS: Columns<Column> = Columns {
        id: Column::Id,
        version: Column::Version,
        created_at: Some(Column::CreatedAt),
        updated_at: Some(Column::UpdatedAt),
        owner: Some(Column::OwnerId),
        parent: None,
        deleted_at: None,
    };

    fn description() -> &'static Description {
        &DESCRIPTION
    }

    fn identity(row: &Model) -> Identity {
        Identity { id: row.id, version: row.version }
    }
}

/// Brings a note to the top; nothing has to be sent for that.
#[derive(Deserialize)]
pub struct Pin {}

impl Shape for Pin {
    fn fields() -> &'static [Field] {
        &[]
    }
}

impl Act<Entity> for Pin {
    const VERB: VerbDescription = VerbDescription::new("pin", "Pin a note", "It comes first from now on.");

    async fn act(self, _: Context<'_>, _: &mut Work<'_>, _: &Model) -> Result<ActiveModel, ServiceError> {
        Ok(ActiveModel { pinned: Set(true), ..Default::default() })
    }
}

/// Adds words to a note.
#[derive(Deserialize)]
pub struct Append {
    words: String,
}

static APPEND: [Field; 1] = [Field {
    bounds: Bounds { min_len: Some(1), max_len: Some(20), ..Bounds::NONE },
    example: Some(r#""and the stairs""#),
    ..Field::sent("words", Kind::Text, "What is added.")
}];

impl Shape for Append {
    fn fields() -> &'static [Field] {
        &APPEND
    }
}

impl Act<Entity> for Append {
    const VERB: VerbDescription =
        VerbDescription::new("append-words", "Add words to a note", "They stand behind what it says.");

    fn check(_: &Services, body: &Map<String, Value>, faults: &mut Faults) {
        if body.get("words").and_then(Value::as_str).is_some_and(|words| words.contains(' ')) {
            faults.add(Fault::in_field("words", Code::InvalidFormat, "Send one word."));
        }
    }

    async fn act(self, _: Context<'_>, _: &mut Work<'_>, current: &Model) -> Result<ActiveModel, ServiceError> {
        if current.pinned {
            let fault = Fault::in_parameter("note_id", Code::Contradiction, "A pinned note stays as it is.");
            return Err(ServiceError::Conflict(fault.into()));
        }
        Ok(ActiveModel { text: Set(format!("{} {}", current.text, self.words)), ..Default::default() })
    }
}

/// Takes a note's words away.
#[derive(Deserialize)]
pub struct Censor {}

impl Shape for Censor {
    fn fields() -> &'static [Field] {
        &[]
    }
}

impl Act<Entity> for Censor {
    const VERB: VerbDescription =
        VerbDescription::new("censor", "Censor a note", "What it said is gone.").for_role(Role::Admin);

    async fn act(self, _: Context<'_>, _: &mut Work<'_>, _: &Model) -> Result<ActiveModel, ServiceError> {
        Ok(ActiveModel { text: Set("***".to_owned()), ..Default::default() })
    }
}

impl Rules for Entity {
    const VERBS: &'static [Verb<Self>] = &[Verb::of::<Pin>(), Verb::of::<Append>(), Verb::of::<Censor>()];
}

/// Makes the table, with constraints that are named as all of ours are.
pub(super) async fn create_table(database: &TestDatabase) {
    let mut unique = Index::create().name("uq_notes_owner_id_text").unique().col("owner_id").col("text").take();
    let mut reference = ForeignKey::create()
        .name("fk_notes_city_id")
        .from("notes", "city_id")
        .to("cities", "id")
        .on_delete(ForeignKeyAction::Restrict)
        .take();
    let table = Table::create()
        .table("notes")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("owner_id").uuid().not_null())
        .col(ColumnDef::new("text").string_len(200).not_null())
        .col(ColumnDef::new("pinned").boolean().not_null())
        .col(ColumnDef::new("city_id").uuid())
        .col(ColumnDef::new("reminders").json().not_null())
        .col(ColumnDef::new("version").big_integer().not_null())
        .col(ColumnDef::new("created_at").timestamp_with_time_zone().not_null())
        .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
        .index(&mut unique)
        .foreign_key(&mut reference)
        .take();
    let database = database.open().await;
    database.write().execute(&table).await.unwrap();
}

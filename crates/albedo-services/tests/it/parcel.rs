//! Two resources with rules of their own: parcels, which stand or fall with what their rules write, and letters, whose
//! rules forgot to say so.

use std::sync::Mutex;

use albedo_core::field::Field;
use albedo_entities::{Shape, city};
use albedo_services::{Act, Context, Rules, ServiceError, Verb, VerbDescription, Work};
use albedo_testing::TestDatabase;
use sea_orm::sea_query::{ColumnDef, ForeignKey, ForeignKeyAction, Index, Table};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use serde::Deserialize;
use uuid::Uuid;

pub(crate) mod heavy {
    //! Parcels.

    #![expect(unreachable_pub, reason = "it is written as it would be in the entities' own crate")]

    use sea_orm::entity::prelude::*;

    /// A parcel to a city.
    #[albedo_entities::resource(path = "/parcels", tag = "parcels", unique = [label], audit)]
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "parcels")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[api(create, update, max_len = 40)]
        pub label: String,
        #[api(create, update)]
        pub city_id: Option<Uuid>,
        pub version: i64,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
        #[sea_orm(belongs_to, from = "city_id", to = "id")]
        pub city: BelongsTo<Option<albedo_entities::city::Entity>>,
    }
}

pub(crate) mod light {
    //! Letters.

    #![expect(unreachable_pub, reason = "it is written as it would be in the entities' own crate")]

    use sea_orm::entity::prelude::*;

    /// A letter to a city.
    #[albedo_entities::resource(path = "/letters", tag = "letters", unique = [label])]
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "letters")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[api(create, update, max_len = 40)]
        pub label: String,
        #[api(create, update)]
        pub city_id: Option<Uuid>,
        pub version: i64,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
        #[sea_orm(belongs_to, from = "city_id", to = "id")]
        pub city: BelongsTo<Option<albedo_entities::city::Entity>>,
    }
}

/// The parcels whose commit was told.
static COMMITTED: Mutex<Vec<Uuid>> = Mutex::new(Vec::new());

pub(crate) fn was_committed(id: Uuid) -> bool {
    COMMITTED.lock().unwrap().contains(&id)
}

/// A city of the same name as the label, written through the work at hand.
async fn write_city(context: Context<'_>, work: &mut Work<'_>, label: &str) -> Result<(), ServiceError> {
    let row = city::ActiveModel {
        id: Set(Uuid::now_v7()),
        name: Set(label.to_owned()),
        country_code: Set("PT".to_owned()),
        version: Set(1),
        created_at: Set(context.now),
        updated_at: Set(context.now),
        ..Default::default()
    };
    let transaction = work.transaction().await?;
    city::Entity::insert(row).exec_without_returning(&transaction).await.map_err(ServiceError::internal)?;
    work.touches::<city::Entity>();
    Ok(())
}

/// Writes another label on a parcel.
#[derive(Deserialize)]
pub(crate) struct Relabel {
    label: String,
}

impl Shape for Relabel {
    fn fields() -> &'static [Field] {
        heavy::CreateParcel::fields()
    }
}

impl Act<heavy::Entity> for Relabel {
    const VERB: VerbDescription = VerbDescription::new("relabel", "Relabel a parcel", "It has another label.");

    async fn act(self, _: Context<'_>, _: &mut Work<'_>, _: &heavy::Model) -> Result<heavy::ActiveModel, ServiceError> {
        Ok(heavy::ActiveModel { label: Set(self.label), ..Default::default() })
    }
}

/// Founds a city named after a letter, which stays as it is.
#[derive(Deserialize)]
pub(crate) struct Found {}

impl Shape for Found {
    fn fields() -> &'static [Field] {
        &[]
    }
}

impl Act<light::Entity> for Found {
    const VERB: VerbDescription = VerbDescription::new("found", "Found a city", "It is named after the letter.");

    async fn act(
        self,
        context: Context<'_>,
        work: &mut Work<'_>,
        current: &light::Model,
    ) -> Result<light::ActiveModel, ServiceError> {
        write_city(context, work, &current.label).await?;
        if current.label.starts_with("late fault") {
            return Err(ServiceError::Forbidden);
        }
        Ok(light::ActiveModel::default())
    }
}

impl Rules for heavy::Entity {
    const ATOMIC: bool = true;
    const VERBS: &'static [Verb<Self>] = &[Verb::of::<Relabel>()];

    async fn after_create(context: Context<'_>, work: &mut Work<'_>, row: &heavy::Model) -> Result<(), ServiceError> {
        write_city(context, work, &row.label).await?;
        if row.label.starts_with("late fault") { Err(ServiceError::Forbidden) } else { Ok(()) }
    }

    async fn after_update(
        context: Context<'_>,
        work: &mut Work<'_>,
        before: &heavy::Model,
        after: &heavy::Model,
    ) -> Result<(), ServiceError> {
        assert_eq!(after.version, before.version + 1);
        write_city(context, work, &after.label).await?;
        if after.label.starts_with("late fault") { Err(ServiceError::Forbidden) } else { Ok(()) }
    }

    async fn after_delete(_: Context<'_>, _: &mut Work<'_>, row: &heavy::Model) -> Result<(), ServiceError> {
        if row.label.starts_with("stays") { Err(ServiceError::Forbidden) } else { Ok(()) }
    }

    fn committed(_: Context<'_>, row: &heavy::Model) {
        COMMITTED.lock().unwrap().push(row.id);
    }
}

impl Rules for light::Entity {
    const VERBS: &'static [Verb<Self>] = &[Verb::of::<Found>()];

    async fn before_create(
        context: Context<'_>,
        work: &mut Work<'_>,
        input: light::CreateLetter,
    ) -> Result<light::ActiveModel, ServiceError> {
        // Before the row is written a transaction can still begin, and the row joins it.
        if input.label.starts_with("early") {
            write_city(context, work, &input.label).await?;
        }
        Ok(sea_orm::IntoActiveModel::into_active_model(input))
    }

    async fn after_create(context: Context<'_>, work: &mut Work<'_>, row: &light::Model) -> Result<(), ServiceError> {
        if row.label.starts_with("late") { write_city(context, work, &row.label).await } else { Ok(()) }
    }
}

/// Makes the tables, with constraints that are named as all of ours are.
pub(crate) async fn create_tables(database: &TestDatabase) {
    let database = database.open().await;
    for table in ["parcels", "letters"] {
        let mut unique = Index::create().name(format!("uq_{table}_label")).unique().col("label").take();
        let mut reference = ForeignKey::create()
            .name(format!("fk_{table}_city_id"))
            .from(table, "city_id")
            .to("cities", "id")
            .on_delete(ForeignKeyAction::Restrict)
            .take();
        let statement = Table::create()
            .table(table)
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(ColumnDef::new("label").string_len(40).not_null())
            .col(ColumnDef::new("city_id").uuid())
            .col(ColumnDef::new("version").big_integer().not_null())
            .col(ColumnDef::new("created_at").timestamp_with_time_zone().not_null())
            .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
            .index(&mut unique)
            .foreign_key(&mut reference)
            .take();
        database.write().execute(&statement).await.unwrap();
    }
}

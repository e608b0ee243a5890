//! One declaration with every key, and what the macro makes of it.

use albedo_core::body::{self, Purpose};
use albedo_core::fault::Faults;
use albedo_core::field::{Field, FieldType, Format, Kind};
use albedo_entities::{Methods, Reach, Resource, Role, Shape};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue, IntoActiveModel};
use serde_json::{Value, json};
use uuid::Uuid;

mod ship {
    //! A ship of a harbour, with everything that can be said of it.

    #![expect(unreachable_pub, reason = "it is written as it would be in the entities' own crate")]

    use albedo_entities::{choice, json::Metadata, json::Texts, resource};
    use sea_orm::entity::prelude::*;

    /// A ship that
    /// lies in a harbour.
    ///
    /// Until it sails.
    #[resource(
        path = "/assistants/{assistant_id}/harbour-ships",
        tag = "harbour-ships",
        name = "vessel",
        parent = assistant_id,
        unique = [assistant_id, name],
        unique = [call_sign],
        methods = [list, get, create, update],
        read = editor,
        write = admin,
        require_if_match,
        cache_ttl = 90,
        default_sort = [-length, name],
        expand = [assistant],
    )]
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ships")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[api(filter)]
        pub id: Uuid,
        pub assistant_id: Uuid,
        /// How it is "called",
        /// by day \ by night.
        #[api(
            create,
            update,
            filter,
            sort,
            search,
            min_len = 1,
            max_len = 40,
            pattern = "^[A-Z]",
            example = "A \"b\" \\ c"
        )]
        pub name: String,
        #[api(create, update, one_of = ["CS1", "CS2"], example = "CS1")]
        pub call_sign: Option<String>,
        #[api(create, update, filter, sort, min = -0.5, max = 400, default = 12.5, example = 1e2)]
        pub length: f64,
        #[api(create, update, min = -5, default = -1, example = 9_007_199_254_740_993)]
        pub tonnage: i64,
        #[api(create, update, filter, default = true)]
        pub afloat: bool,
        #[api(create, update, filter, sort, default = "steam_engine", example = "sail")]
        pub r#type: Engine,
        #[api(create, email)]
        pub owner_email: Option<String>,
        #[api(update, url)]
        pub website: Option<String>,
        #[api(create, write_only, max_len = 20)]
        pub pass_phrase: Option<String>,
        #[api(hidden)]
        pub secret: Option<String>,
        #[api(create, update, max_items = 3, default = {}, example = {})]
        pub metadata: Metadata,
        #[api(create, update, max_items = 2, item_max_len = 3, default = ["a"], example = [])]
        pub flags: Texts,
        #[api(filter, sort)]
        pub sailed_at: Option<DateTimeUtc>,
        pub version: i64,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
        /// Who knows it.
        #[sea_orm(belongs_to, from = "assistant_id", to = "id")]
        pub assistant: BelongsTo<albedo_entities::assistant::Entity>,
    }

    /// What drives it.
    #[choice]
    pub enum Engine {
        Sail,
        SteamEngine,
    }
}

fn field(name: &str) -> &'static Field {
    ship::Entity::description().field(name).unwrap()
}

#[test]
fn the_description_says_what_the_declaration_says() {
    let description = ship::Entity::description();
    assert_eq!((description.name, description.schema, description.tag), ("vessel", "Vessel", "harbour-ships"));
    assert_eq!(description.summary, "A ship that lies in a harbour.\n\nUntil it sails.");
    assert_eq!((description.table)(), "ships");
    assert_eq!(description.unique, [&["assistant_id", "name"][..], &["call_sign"]]);
    assert_eq!(description.methods, Methods { delete: false, ..Methods::ALL });
    assert_eq!((description.read, description.write), (Role::Editor, Role::Admin));
    assert_eq!(description.cache_ttl, Some(std::time::Duration::from_secs(90)));
    assert!(description.require_if_match && description.is_owned());
    assert_eq!(description.parents().map(|parent| parent.name).collect::<Vec<_>>(), ["assistant"]);
    let references: Vec<_> = description.references.iter().map(|known| (known.column, (known.table)())).collect();
    assert_eq!(references, [("assistant_id", "assistants")]);
    let expansions: Vec<_> =
        description.expansions.iter().map(|known| (known.name, known.summary, known.reach)).collect();
    assert_eq!(expansions, [("assistant", "Who knows it.", Reach::One { column: "assistant_id" })]);
    let sort: Vec<_> = description.default_sort.iter().map(|(field, descending)| (field.name, *descending)).collect();
    assert_eq!(sort, [("length", true), ("name", false)]);
}

#[test]
fn the_field_table_says_what_the_keys_say() {
    let name = field("name");
    assert_eq!(name.description, "How it is \"called\", by day \\ by night.");
    assert_eq!((name.bounds.min_len, name.bounds.max_len), (Some(1), Some(40)));
    assert_eq!(name.bounds.pattern.map(|pattern| pattern.source()), Some("^[A-Z]"));
    assert_eq!(serde_json::from_str::<Value>(name.example.unwrap()).unwrap(), json!("A \"b\" \\ c"));
    assert!(name.required && !name.nullable && name.uses.search);
    let length = field("length");
    assert_eq!((length.bounds.min, length.bounds.max), (Some(-0.5), Some(400.0)));
    assert_eq!((length.default, length.example, length.required), (Some("12.5"), Some("100"), false));
    assert_eq!((field("tonnage").default, field("tonnage").example), (Some("-1"), Some("9007199254740993")));
    assert_eq!(field("type").kind, Kind::Choice(&["sail", "steam_engine"]));
    assert_eq!(field("call_sign").choices(), Some(&["CS1", "CS2"][..]));
    assert_eq!(field("owner_email").bounds.format, Some(Format::Email));
    assert_eq!(field("website").bounds.format, Some(Format::Url));
    assert_eq!((field("metadata").default, field("flags").default), (Some("{}"), Some("[\"a\"]")));
    assert_eq!((field("flags").bounds.max_items, field("flags").bounds.item_max_len), (Some(2), Some(3)));
    let phrase = field("pass_phrase");
    assert!(phrase.uses.create && !phrase.uses.view);
    assert!(ship::Entity::description().field("secret").is_none(), "what is hidden is no field for clients");
    assert!(ship::Entity::description().fields.iter().all(|field| field.misfit().is_none()));
}

fn read<S: Shape>(purpose: Purpose, sent: Value) -> Result<S, Faults> {
    let body = body::check(S::fields(), purpose, sent, |_, _| {})?;
    Ok(serde_json::from_value(Value::Object(body)).unwrap())
}

#[test]
fn what_is_sent_becomes_a_row() {
    let made = read::<ship::CreateVessel>(Purpose::Create, json!({"name": "Argo", "pass_phrase": "x"})).unwrap();
    let row = made.into_active_model();
    assert_eq!(row.name, ActiveValue::Set("Argo".to_owned()));
    assert_eq!(row.r#type, ActiveValue::Set(ship::Engine::SteamEngine));
    assert_eq!((row.length, row.tonnage), (ActiveValue::Set(12.5), ActiveValue::Set(-1)));
    assert_eq!((row.call_sign, row.pass_phrase), (ActiveValue::Set(None), ActiveValue::Set(Some("x".to_owned()))));
    assert_eq!((row.id, row.secret, row.website), (ActiveValue::NotSet, ActiveValue::NotSet, ActiveValue::NotSet));

    let patch = json!({"call_sign": null, "website": "https://argo.example", "type": "sail"});
    let row = read::<ship::UpdateVessel>(Purpose::Update, patch).unwrap().into_active_model();
    assert_eq!((row.call_sign, row.r#type), (ActiveValue::Set(None), ActiveValue::Set(ship::Engine::Sail)));
    assert_eq!((row.name, row.length), (ActiveValue::NotSet, ActiveValue::NotSet));

    let wrong =
        json!({"name": "argo", "website": "x", "secret": "x", "owner_email": "x", "version": 1, "flags": ["abcd"]});
    assert_eq!(read::<ship::CreateVessel>(Purpose::Create, wrong).unwrap_err().as_slice().len(), 6);
}

#[test]
fn a_row_shows_neither_what_is_hidden_nor_what_is_only_written() {
    let row = ship::Model {
        id: Uuid::from_u128(1),
        assistant_id: Uuid::from_u128(2),
        name: "Argo".to_owned(),
        call_sign: None,
        length: 12.0,
        tonnage: 1,
        afloat: true,
        r#type: ship::Engine::SteamEngine,
        owner_email: None,
        website: None,
        pass_phrase: Some("x".to_owned()),
        secret: Some("y".to_owned()),
        metadata: Default::default(),
        flags: Default::default(),
        sailed_at: Some(DateTime::<Utc>::UNIX_EPOCH),
        version: 3,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    };
    assert_eq!(ship::Entity::identity(&row).version, 3);
    let shown = serde_json::to_string(&ship::VesselView::from(row)).unwrap();
    let expected = concat!(
        r#"{"id":"00000000-0000-0000-0000-000000000001","assistant_id":"00000000-0000-0000-0000-000000000002","#,
        r#""name":"Argo","call_sign":null,"length":12.0,"tonnage":1,"afloat":true,"type":"steam_engine","#,
        r#""owner_email":null,"website":null,"metadata":{},"flags":[],"sailed_at":"1970-01-01T00:00:00.000000Z","#,
        r#""version":3,"created_at":"1970-01-01T00:00:00.000000Z","updated_at":"1970-01-01T00:00:00.000000Z"}"#,
    );
    assert_eq!(shown, expected);
    assert_eq!((ship::Engine::SteamEngine.text(), ship::Engine::KIND), ("steam_engine", field("type").kind));
}

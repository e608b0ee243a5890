//! A choice is the column, the value and the text that SeaORM and serde would make of the same enumeration.

use sea_orm::sea_query::{Nullable, ValueType};
use sea_orm::{ActiveEnum, Value};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

mod made {
    use albedo_entities::choice;

    #[choice]
    #[derive(Default, PartialOrd, Ord)]
    pub(super) enum Engine {
        Sail,
        #[default]
        SteamEngine,
    }
}

mod derived {
    use super::{Deserialize, Serialize};

    #[derive(Clone, Copy, Debug, PartialEq, sea_orm::EnumIter, sea_orm::DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "String(::sea_orm::sea_query::StringLen::N(32))")]
    #[serde(rename_all = "snake_case")]
    pub(super) enum Engine {
        #[sea_orm(string_value = "sail")]
        Sail,
        #[sea_orm(string_value = "steam_engine")]
        SteamEngine,
    }
}

/// All that is asked of the type of a column, as one text.
fn told<E>() -> String
where
    E: ActiveEnum<Value = String>
        + ValueType
        + Nullable
        + Into<Value>
        + Serialize
        + DeserializeOwned
        + Copy
        + std::fmt::Debug,
{
    let each = E::iter().rev().map(|choice| {
        let value: Value = choice.into();
        let back = <E as ValueType>::try_from(value.clone()).unwrap();
        let sent = serde_json::to_string(&choice).unwrap();
        let read: E = serde_json::from_str(&sent).unwrap();
        format!("{choice:?} {value:?} {back:?} {sent} {read:?} {:?} {}", choice.as_enum(), choice.into_value())
    });
    let each: Vec<_> = each.collect();
    let column = (E::column_type(), E::array_type(), E::enum_type_name(), E::db_type(), E::null(), E::values());
    let others = ["SteamEngine", "", "sail "].map(|text| {
        let by_value = <E as ValueType>::try_from(text.into()).is_err();
        (
            E::try_from_value(&text.to_owned()).unwrap_err().to_string(),
            by_value,
            serde_json::from_value::<E>(json!(text)).unwrap_err().to_string(),
        )
    });
    format!("{each:#?} {} {} {column:#?} {others:#?}", E::name(), E::type_name())
}

#[test]
fn a_choice_is_what_sea_orm_and_serde_would_make_of_it() {
    assert_eq!(told::<made::Engine>(), told::<derived::Engine>());
    assert_eq!(made::Engine::default(), made::Engine::SteamEngine);
    assert!(made::Engine::Sail < made::Engine::SteamEngine);
}

#[test]
fn what_is_no_text_is_no_choice() {
    for sent in [json!(null), json!(0), json!(["sail"]), json!({"sail": null})] {
        assert!(serde_json::from_value::<made::Engine>(sent.clone()).is_err(), "{sent}");
    }
}

//! Random rows and random sorts, and what the order has to be: sorted here, by nobody's SQL.

use std::cmp::Ordering;

use albedo_core::database::Database;
use albedo_entities::city;
use chrono::{DateTime, Utc};
use sea_orm::prelude::Uuid;
use sea_orm::{EntityTrait, IntoActiveModel};

/// Numbers that look random and are the same in every run.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From 0 up to, and without, `sides` (splitmix64).
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[usize::try_from(self.roll(texts.len() as u64)).unwrap()]
    }

    /// A city with a name of its own, and otherwise values that tie often, are missing often, or lie close together.
    pub(super) fn city(&mut self, number: u128) -> city::Model {
        let word = self.pick(&["a", "A", "ä", "Z", "z", "ß", "É", "É", "🚀", "\u{FFFD}", "", " ", "\"", "%_\\"]);
        let population = [None, Some(0), Some(1), Some(i64::MAX - 1), Some(i64::MAX), Some(9_007_199_254_740_993)];
        let latitude = [None, Some(-90.0), Some(0.1), Some(0.1 + f64::EPSILON), Some(0.30000000000000004), Some(90.0)];
        let at = DateTime::<Utc>::from_timestamp_micros(1_769_851_800_000_000).unwrap();
        let at = at + chrono::TimeDelta::microseconds([0, 1, 10, 100_000, 999_999, 1_000_000][self.index(6)]);
        city::Model {
            // In no order of theirs, as ids of several servers are.
            id: Uuid::from_u128(u128::from(self.roll(u64::MAX)) << 64 | number),
            name: format!("{word}{number}"),
            country_code: self.pick(&["PT", "ES", "DE"]).to_owned(),
            population: population[self.index(6)],
            latitude: latitude[self.index(6)],
            longitude: None,
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    fn index(&mut self, length: u64) -> usize {
        usize::try_from(self.roll(length)).unwrap()
    }

    /// Up to four keys, each once, up or down.
    pub(super) fn sort(&mut self) -> Vec<(&'static str, bool)> {
        let mut fields = vec!["name", "country_code", "population", "latitude", "longitude", "created_at"];
        let count = self.roll(5);
        let mut keys = |_| {
            let field = fields.remove(self.index(fields.len() as u64));
            (field, self.roll(2) == 1)
        };
        (0..count).map(&mut keys).collect()
    }
}

/// Writes rows as they are, past the API: ids and times are ours.
pub(super) async fn insert(database: &Database, rows: &[city::Model]) {
    for rows in rows.chunks(50) {
        let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
        city::Entity::insert_many(rows).exec_without_returning(database.write()).await.unwrap();
    }
}

/// `sort=-name,population`, or nothing.
pub(super) fn written(sort: &[(&str, bool)]) -> String {
    let keys: Vec<_> = sort.iter().map(|(name, down)| format!("{}{name}", if *down { "-" } else { "" })).collect();
    if keys.is_empty() { String::new() } else { format!("&sort={}", keys.join(",")) }
}

/// The order that the API promises: empty values last either way, text by code point, the id as the last key goes.
pub(super) fn compare(sort: &[(&str, bool)], one: &city::Model, other: &city::Model) -> Ordering {
    let by_keys = sort.iter().map(|(name, down)| {
        let turned = |order: Ordering| if *down { order.reverse() } else { order };
        match *name {
            "name" => turned(one.name.cmp(&other.name)),
            "country_code" => turned(one.country_code.cmp(&other.country_code)),
            "created_at" => turned(one.created_at.cmp(&other.created_at)),
            "population" => empty_last(one.population.as_ref(), other.population.as_ref(), |a, b| turned(a.cmp(b))),
            "latitude" => empty_last(one.latitude.as_ref(), other.latitude.as_ref(), |a, b| turned(a.total_cmp(b))),
            _ => Ordering::Equal,
        }
    });
    let ids = one.id.cmp(&other.id);
    let ids = if sort.last().is_some_and(|(_, down)| *down) { ids.reverse() } else { ids };
    by_keys.fold(Ordering::Equal, Ordering::then).then(ids)
}

fn empty_last<T>(one: Option<&T>, other: Option<&T>, compare: impl Fn(&T, &T) -> Ordering) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => compare(one, other),
        (one, other) => one.is_none().cmp(&other.is_none()),
    }
}

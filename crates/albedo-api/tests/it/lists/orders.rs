//! The order of lists: by code point, empty values last, equal ones by id, which goes the way of the last key.

use std::cmp::Reverse;

use super::assert_finds;
use super::rows::{ASSISTANTS, CITIES, City, cities_by};

/// The id of a row, where it goes down.
fn down(city: &City) -> Reverse<usize> {
    Reverse(CITIES.iter().position(|known| known.0 == city.0).unwrap())
}

/// A number that sorts as a double does.
fn degrees(latitude: Option<f64>) -> Option<i64> {
    latitude.map(|degrees| (degrees * 1e7).round() as i64)
}

/// Empty values behind all others, in either direction.
fn last<K: Ord>(key: Option<K>) -> (bool, Option<K>) {
    (key.is_none(), key)
}

#[tokio::test]
async fn every_sort_is_the_same_on_both_databases() {
    let cases = [
        ("sort=name", cities_by(|city| city.0)),
        ("sort=-name", cities_by(|city| Reverse(city.0))),
        ("sort=country_code", cities_by(|city| city.1)),
        ("sort=-country_code", cities_by(|city| (Reverse(city.1), down(city)))),
        ("sort=population", cities_by(|city| last(city.2))),
        ("sort=-population", cities_by(|city| (last(city.2.map(Reverse)), down(city)))),
        ("sort=latitude", cities_by(|city| last(degrees(city.3)))),
        ("sort=-latitude", cities_by(|city| (last(degrees(city.3).map(Reverse)), down(city)))),
        ("sort=created_at", cities_by(|city| city.4)),
        ("sort=-updated_at", cities_by(|city| Reverse(city.4))),
        ("sort=country_code,-name", cities_by(|city| (city.1, Reverse(city.0)))),
        (
            "sort=-country_code,latitude,-population,name",
            cities_by(|city| (Reverse(city.1), last(degrees(city.3)), last(city.2.map(Reverse)), city.0)),
        ),
        ("sort=%20country_code%20,%20-name", cities_by(|city| (city.1, Reverse(city.0)))),
        ("size=200", (1..=21).collect()),
    ];
    let cases: Vec<_> = cases.into_iter().map(|(query, rows)| (format!("/cities?{query}"), rows)).collect();
    assert_finds(&cases).await;
}

#[tokio::test]
async fn choices_sort_by_their_names_and_empty_texts_before_nothing() {
    let by = |sort: &str, key: fn(usize) -> (bool, String)| {
        let mut numbers: Vec<u128> = (1..=6).collect();
        numbers.sort_by_key(|number| key(usize::try_from(*number - 1).unwrap()));
        (format!("/assistants?sort={sort}"), numbers)
    };
    let cases = [
        by("status", |index| (false, ASSISTANTS[index].2.text().to_owned())),
        by("name", |index| (false, ASSISTANTS[index].0.to_owned())),
        by("temperature", |index| {
            let temperature = ASSISTANTS[index].3;
            (temperature.is_none(), temperature.map(|number| number.to_string()).unwrap_or_default())
        }),
    ];
    assert_finds(&cases).await;
}

#[tokio::test]
async fn values_come_by_position_unless_another_order_is_asked_for() {
    let path = "/assistants/00000000-0000-0000-0000-000000000001/entities/00000000-0000-0000-0000-000000000001/values";
    let cases = [
        (path.to_owned(), vec![4, 2, 5, 1, 3]),
        (format!("{path}?sort=-position"), vec![3, 1, 5, 2, 4]),
        (format!("{path}?sort=language"), vec![3, 4, 5, 1, 2]),
        (format!("{path}?sort=-language"), vec![5, 4, 3, 2, 1]),
        (format!("{path}?sort=value&size=2&page=2"), vec![3, 4]),
    ];
    assert_finds(&cases).await;
}

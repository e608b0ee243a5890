//! Cursors: what comes back from one is what went in, for the same walk alone.

use super::*;
use crate::field::{Field, Uses};
use crate::listing::read;
use crate::scalar;

const LISTED: Uses = Uses { create: false, update: false, view: true, filter: true, sort: true, search: true };

static FIELDS: [Field; 2] = [
    Field { uses: LISTED, ..Field::shown("name", Kind::Text, "") },
    Field { uses: Uses { search: false, ..LISTED }, nullable: true, ..Field::shown("size", Kind::Integer64, "") },
];

const ADA: Uuid = Uuid::from_u128(1);
const PARENT: Uuid = Uuid::from_u128(2);

fn cursors() -> Cursors {
    Cursors::new(&SecretString::from("a secret of the tests"), &[])
}

fn anchor_at(keys: Vec<Option<Scalar>>) -> Anchor {
    Anchor { at: At::Keys(keys), side: Side::After, inclusive: false }
}

/// Hands on the ground of a query.
fn on<T>(list: &str, parents: &[Uuid], user: Uuid, query: &str, see: impl FnOnce(&Ground<'_>) -> T) -> T {
    let request = read(&FIELDS, query).unwrap();
    let order = request.order(&[]);
    see(&Ground { list, parents, user, request: &request, order: &order })
}

#[test]
fn every_value_comes_back_to_the_last_bit() {
    let time = |text| Some(Scalar::Time(scalar::time(text).unwrap()));
    let keys = vec![
        None,
        Some(Scalar::Text(String::new())),
        Some(Scalar::Text("naïve 🚀 \" & %".to_owned())),
        Some(Scalar::Integer(i64::MIN)),
        Some(Scalar::Integer(9_007_199_254_740_993)),
        Some(Scalar::Number(0.1 + 0.2)),
        Some(Scalar::Number(-5e-324)),
        Some(Scalar::Boolean(true)),
        Some(Scalar::Boolean(false)),
        time("0001-01-01T00:00:00Z"),
        time("2026-01-31T09:30:00.123456Z"),
        time("9999-12-31T23:59:59.999999Z"),
        Some(Scalar::Uuid(Uuid::max())),
    ];
    for (side, inclusive) in [(Side::After, false), (Side::Before, true)] {
        let anchor = Anchor { side, inclusive, ..anchor_at(keys.clone()) };
        let read = on("/c", &[], ADA, "", |ground| cursors().read(ground, &cursors().write(ground, &anchor)));
        assert_eq!(read.unwrap(), anchor);
        assert_eq!(anchor.turned().turned(), anchor);
    }
}

#[test]
fn a_cursor_is_good_for_one_walk_alone() {
    let anchor = anchor_at(vec![Some(Scalar::Uuid(ADA))]);
    let query = "name__in=a,b&size__gt=1&sort=-name&q=x";
    let cursor = on("/c", &[PARENT], ADA, query, |ground| cursors().write(ground, &anchor));
    let opens = |list, parents: &[Uuid], user, query| {
        on(list, parents, user, query, |ground| cursors().read(ground, &cursor).is_ok())
    };
    for same in [
        query,
        "size[gt]=1&q=x&sort=-name&name[in]=a,b",
        "name__in=a,b&name__in=a,b&size__gt=01&sort=%20-name&q=x&count=exact&cursor=&size=7",
    ] {
        assert!(opens("/c", &[PARENT], ADA, same), "{same}");
    }
    assert!(!opens("/d", &[PARENT], ADA, query));
    assert!(!opens("/c", &[], ADA, query));
    assert!(!opens("/c", &[ADA], ADA, query));
    assert!(!opens("/c", &[PARENT], PARENT, query));
    for other in [
        "",
        "name__in=a,b&size__gt=1&sort=name&q=x",
        "name__in=a,b&size__gt=1&sort=-name,size&q=x",
        "name__in=a,b&size__gt=1&q=x",
        "name__in=b,a&size__gt=1&sort=-name&q=x",
        "name__in=a&size__gt=1&sort=-name&q=x",
        "name__not_in=a,b&size__gt=1&sort=-name&q=x",
        "name__in=a,b&size__gt=2&sort=-name&q=x",
        "name__in=a,b&size__gte=1&sort=-name&q=x",
        "name__in=a,b&size__gt=1&sort=-name&q=y",
        "name__in=a,b&size__gt=1&sort=-name",
        "name__in=a,b&size__gt=1&sort=-name&q=x&size__is_null=false",
    ] {
        assert!(!opens("/c", &[PARENT], ADA, other), "{other}");
    }
}

#[test]
fn keys_that_are_too_long_leave_the_row_alone() {
    let keys = |length| vec![Some(Scalar::Text("x".repeat(length))), Some(Scalar::Uuid(ADA))];
    on("/c", &[], ADA, "sort=name", |ground| {
        let at = |length| {
            let cursor = cursors().write(ground, &anchor_at(keys(length)));
            assert!(cursor.len() <= Cursors::MAX_LENGTH);
            cursors().read(ground, &cursor).unwrap().at
        };
        assert_eq!(at(700), At::Keys(keys(700)));
        assert_eq!(at(800), At::Row(ADA));
        assert_eq!(at(100_000), At::Row(ADA));
    });
}

#[test]
fn what_is_no_cursor_is_one_fault_that_says_what_to_do() {
    for text in ["a", "AAAA", "not a cursor", "\u{e9}", &"A".repeat(1_024)] {
        let fault = on("/c", &[], ADA, "", |ground| cursors().read(ground, text)).unwrap_err();
        assert_eq!(
            (fault.place, fault.code),
            (crate::fault::Place::Parameter("cursor".to_owned()), Code::Contradiction)
        );
        assert!(fault.detail.contains("begin again"), "{}", fault.detail);
    }
}

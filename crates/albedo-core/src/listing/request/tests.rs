//! Queries of lists and rows: what is read of them, and every fault that is told.

use super::*;
use crate::fault::Place;
use crate::field::{Kind, Uses};
use crate::listing::filter::Test;
use crate::listing::sort::Direction;
use crate::scalar::{self, Scalar};

const LISTED: Uses = Uses { create: false, update: false, view: true, filter: true, sort: true, search: false };

static FIELDS: [Field; 6] = [
    Field { uses: Uses { search: true, ..LISTED }, ..Field::shown("name", Kind::Text, "") },
    Field { uses: LISTED, ..Field::shown("odd__name", Kind::Text, "") },
    Field { uses: LISTED, ..Field::shown("size", Kind::Integer64, "") },
    Field { uses: LISTED, ..Field::shown("at", Kind::Time, "") },
    Field { uses: LISTED, ..Field::shown("kind", Kind::Choice(&["a", "b"]), "") },
    Field::shown("secret", Kind::Text, ""),
];

fn faults(query: &str) -> Vec<(String, Code)> {
    let Err(faults) = read(&FIELDS, query) else { return Vec::new() };
    let place = |fault: Fault| match fault.place {
        Place::Parameter(name) => (name, fault.code),
        other => panic!("{other:?}"),
    };
    faults.into_iter().map(place).collect()
}

#[test]
fn a_full_query_is_read() {
    let query = "page=2&size=20&sort=-name,at&q=Li%20sa&name__icontains=x&odd__name=1&odd__name__ne=2&at[gte]=2026-01-01T00:00:00+01:00&kind__in=a,b";
    let request = read(&FIELDS, query).unwrap();
    assert_eq!(request.page, PageRequest { page: 2, size: 20 });
    assert_eq!(request.search.as_deref(), Some("Li sa"));
    let sort: Vec<_> = request.sort.iter().map(|key| (key.field.name, key.direction)).collect();
    assert_eq!(sort, [("name", Direction::Descending), ("at", Direction::Ascending)]);
    let text = |text: &str| Scalar::Text(text.to_owned());
    let expected = [
        ("name", Test::ContainsAnyCase("x".to_owned())),
        ("odd__name", Test::Equal(text("1"))),
        ("odd__name", Test::NotEqual(text("2"))),
        ("at", Test::GreaterOrEqual(Scalar::Time(scalar::time("2025-12-31T23:00:00Z").unwrap()))),
        ("kind", Test::In(vec![text("a"), text("b")])),
    ];
    let found: Vec<_> = request.filters.into_iter().map(|filter| (filter.field.name, filter.test)).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_fault_of_a_query_is_told() {
    let query = "page=0&size=201&sort=secret,name,name&nope=1&name__gt=1&at=now&kind=c&secret=x&page=1";
    let expected = [
        ("page", Code::TooSmall),
        ("size", Code::TooLarge),
        ("sort", Code::Unknown),
        ("sort", Code::Duplicate),
        ("nope", Code::Unknown),
        ("name__gt", Code::Unknown),
        ("at", Code::InvalidFormat),
        ("kind", Code::NotAChoice),
        ("secret", Code::Unknown),
        ("page", Code::Duplicate),
    ];
    assert_eq!(faults(query), expected.map(|(place, code)| (place.to_owned(), code)));
}

#[test]
fn deleted_rows_are_asked_for_where_there_can_be_any() {
    let listed = Listed { restores: true, ..Listed::from(&FIELDS) };
    for (query, deleted) in [("", false), ("deleted=none", false), ("deleted=only", true)] {
        assert_eq!(read(listed, query).unwrap().deleted, deleted, "{query}");
    }
    let code = |query| read(listed, query).unwrap_err().into_iter().map(|fault| fault.code).collect::<Vec<_>>();
    assert_eq!(code("deleted=yes"), [Code::NotAChoice]);
    assert_eq!(code("deleted=only&deleted=none"), [Code::Duplicate]);
    assert_eq!(faults("deleted=only"), [("deleted".to_owned(), Code::Unknown)]);
}

#[test]
fn a_walk_is_not_numbered_and_not_counted_unless_asked() {
    assert!(read(&FIELDS, "").unwrap().counts() && !read(&FIELDS, "count=none").unwrap().counts());
    let walk = read(&FIELDS, "cursor=&size=7").unwrap();
    assert_eq!((walk.cursor.as_deref(), walk.page.size, walk.counts()), (Some(""), 7, false));
    assert!(read(&FIELDS, "cursor=abc&count=exact").unwrap().counts());
    assert_eq!(faults("cursor=&page=1"), [("page".to_owned(), Code::Contradiction)]);
    assert_eq!(faults("cursor=&cursor="), [("cursor".to_owned(), Code::Duplicate)]);
    assert_eq!(faults("count=all"), [("count".to_owned(), Code::NotAChoice)]);
}

#[test]
fn fields_are_those_that_are_shown_and_the_id() {
    let shows = |query| {
        let [list, row] = [read(&FIELDS, query).unwrap().showing, read_row(&FIELDS, query).unwrap()];
        assert_eq!(list, row, "{query}");
        list.fields.is_some().then(|| ["id", "name", "size", "at"].map(|name| list.shows(name)))
    };
    assert_eq!(shows(""), None);
    assert_eq!(shows("fields=name,at,name"), Some([true, true, false, true]));
    assert_eq!(faults("fields=name,nope,no"), [("fields".to_owned(), Code::Unknown)]);
    assert_eq!(faults("fields="), [("fields".to_owned(), Code::Unknown)]);
    assert_eq!(faults("fields=name&fields=at"), [("fields".to_owned(), Code::Duplicate)]);
    let codes = |query| read_row(&FIELDS, query).unwrap_err().into_iter().map(|fault| fault.code).collect::<Vec<_>>();
    assert_eq!(codes("fields=nope&fields=name&size=3"), [Code::Unknown, Code::Duplicate, Code::Unknown]);
    assert_eq!(codes("size=3&size=3"), [Code::Unknown, Code::Unknown]);
    assert_eq!(codes(&"a&".repeat(1_001)), [Code::TooLong]);
}

#[test]
fn pages_are_numbers_that_the_databases_can_count_to() {
    assert_eq!(faults("page=9223372036854775807"), []);
    for (page, code) in [
        ("9223372036854775808", Code::TooLarge),
        ("99999999999999999999999999", Code::TooLarge),
        ("-1", Code::WrongType),
        ("+1", Code::WrongType),
        ("", Code::WrongType),
        ("1.0", Code::WrongType),
    ] {
        assert_eq!(faults(&format!("page={}", page.replace('+', "%2B"))), [("page".to_owned(), code)], "{page}");
    }
}

#[test]
fn limits_hold() {
    let filters = |count: usize| vec!["name=a"; count].join("&");
    assert_eq!(faults(&filters(30)), []);
    assert_eq!(faults(&filters(31)), [(String::new(), Code::TooMany)]);
    assert_eq!(faults(&format!("name={}", "a".repeat(1_995))), []);
    assert_eq!(faults(&format!("name={}", "a".repeat(1_996))), [(String::new(), Code::TooLong)]);
    assert_eq!(faults("sort=name,size,at,kind"), []);
    assert_eq!(faults("sort=name,size,at,kind,odd__name"), [("sort".to_owned(), Code::TooMany)]);
    assert_eq!(faults(&format!("q={}", "a".repeat(201))), [("q".to_owned(), Code::TooLong)]);
    // A cursor has its own bound, and takes nothing from the others.
    let cursor = |length: usize| format!("name={}&cursor={}", "a".repeat(1_995), "a".repeat(length));
    assert_eq!(faults(&cursor(1_024)), []);
    assert_eq!(faults(&cursor(1_025)), [(String::new(), Code::TooLong)]);
    assert_eq!(faults(&format!("cursor={}", "a".repeat(1_025))), [("cursor".to_owned(), Code::TooLong)]);
    assert_eq!(faults(&format!("size__in={}", vec!["1"; 101].join(","))), [("size__in".to_owned(), Code::TooMany)]);
}

#[test]
fn what_is_computed_is_a_field_that_is_shown_and_nothing_else() {
    static COMPUTED: [Field; 1] = [Field::shown("parts_count", Kind::Integer64, "")];
    let shown = Shown { computed: &COMPUTED, ..Shown::from(&FIELDS) };
    let showing = read_row(shown, "fields=parts_count").unwrap();
    assert!(showing.shows("parts_count") && showing.shows("id") && !showing.shows("name"));
    assert!(read(shown, "sort=parts_count").is_err() && read(shown, "parts_count=3").is_err());
}

#[test]
fn rows_beside_a_row_are_shown_where_a_relation_leads_to_them() {
    let shown = Shown { relations: &["owner", "parts"], ..Shown::from(&FIELDS) };
    for (query, expand) in [("expand=parts", vec!["parts"]), ("expand=parts,owner,parts", vec!["parts", "owner"])] {
        let [list, row] = [read(shown, query).unwrap().showing, read_row(shown, query).unwrap()];
        assert_eq!([&list.expand, &row.expand], [&expand, &expand], "{query}");
    }
    let told = |outcome: Result<Showing, Faults>| {
        outcome.unwrap_err().into_iter().map(|fault| (fault.code, fault.detail)).collect::<Vec<_>>()
    };
    let unknown = |query: &str| {
        assert_eq!(told(read(shown, query).map(|request| request.showing)), told(read_row(shown, query)));
        told(read_row(shown, query))
    };
    let detail = "There is no such relation; there are owner, parts.";
    for query in ["expand=nope", "expand=", "expand=owner,nope,no", "expand=owner.parts"] {
        assert_eq!(unknown(query), [(Code::Unknown, detail.into())], "{query}");
    }
    assert_eq!(unknown("expand=owner&expand=owner").first().map(|(code, _)| *code), Some(Code::Duplicate));
    // Where none lead anywhere, the parameter is none.
    assert_eq!(faults("expand=owner"), [("expand".to_owned(), Code::Unknown)]);
    let (_, allowed) = told(read_row(&FIELDS, "expand=owner")).remove(0);
    assert!(allowed.ends_with("allowed is fields."), "{allowed}");
}

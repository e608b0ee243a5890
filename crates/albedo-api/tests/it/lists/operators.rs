//! Every operator on every kind of field.

use super::{assert_finds, rows::CITIES};

const ALL: [u128; 21] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21];

/// `name__icontains=stra` on cities, and the rows.
fn cities(cases: &[(&str, &[u128])]) -> Vec<(String, Vec<u128>)> {
    of("/cities", cases)
}

fn of(path: &str, cases: &[(&str, &[u128])]) -> Vec<(String, Vec<u128>)> {
    cases.iter().map(|(query, wanted)| (format!("{path}?{query}"), wanted.to_vec())).collect()
}

/// The same operator in its two spellings, and `eq` in its third.
fn both_spellings(cases: Vec<(String, Vec<u128>)>) -> Vec<(String, Vec<u128>)> {
    let bracketed = |query: &str| {
        let (path, query) = query.split_once('?').unwrap();
        let (name, value) = query.split_once('=').unwrap();
        match name.split_once("__") {
            Some((field, operator)) => format!("{path}?{field}[{operator}]={value}"),
            None => format!("{path}?{name}%5Beq%5D={value}"),
        }
    };
    cases.into_iter().flat_map(|(query, wanted)| [(bracketed(&query), wanted.clone()), (query, wanted)]).collect()
}

/// All rows but these.
fn others(rows: &[u128]) -> Vec<u128> {
    ALL.into_iter().filter(|row| !rows.contains(row)).collect()
}

#[tokio::test]
async fn texts_are_compared_letter_by_letter() {
    let cases = cities(&[
        ("name=a", &[1]),
        ("name=A", &[2]),
        ("name=trailing", &[]),
        ("name=trailing%20", &[18]),
        ("name=%C3%85ngstr%C3%B6m", &[9]),
        ("name=%E2%84%ABngstr%C3%B6m", &[11]),
        ("country_code=TR", &[5, 6]),
        ("country_code=TR%20", &[]),
        ("country_code=tr", &[]),
        ("name__in=a,A,nobody", &[1, 2]),
        ("name__contains=trai", &[18]),
        ("name__contains=Stra%C3%9Fe", &[3]),
        ("name__contains=%C3%85", &[9]),
        ("name__contains=%25", &[12]),
        ("name__contains=100%25", &[12]),
        ("name__contains=_", &[13]),
        ("name__contains=%5C", &[14]),
        ("name__contains='", &[15]),
        ("name__contains=%22x%22", &[15]),
        ("name__contains=%F0%9F%9A%80", &[16]),
        ("name__contains=[a-z]", &[19]),
        ("name__starts_with=under", &[13, 21]),
        ("name__starts_with=under_", &[13]),
        ("name__starts_with=%F0%9F%9A%80%20b", &[16]),
        ("name__starts_with=[", &[19]),
        ("name__starts_with=UNDER", &[]),
        ("name__starts_with=under_score%20and%20more", &[]),
        ("name__ends_with=legal", &[12, 20]),
        ("name__ends_with=%25%20legal", &[12]),
        ("name__ends_with=%CF%82", &[8]),
        ("name__ends_with=%CE%A3", &[7]),
        ("name__ends_with=%20", &[18]),
        ("name__ends_with=$", &[19]),
        ("name__ends_with=and%20more%20back%5Cslash", &[]),
        ("country_code__ends_with=Z", &[16, 17, 18, 19]),
        ("country_code__contains=%20", &[]),
        ("name__contains=", &ALL),
        ("name__starts_with=", &ALL),
        ("name__ends_with=", &ALL),
        ("name__is_null=true", &[]),
        ("name__is_null=false", &ALL),
    ]);
    assert_finds(&both_spellings(cases)).await;
}

#[tokio::test]
async fn any_case_is_unicodes_simple_folding() {
    let mut cases = cities(&[
        ("name__icontains=stra%C3%9Fe", &[3]),
        ("name__icontains=STRA%E1%BA%9EE", &[3]),
        ("name__icontains=strasse", &[4]),
        ("name__icontains=ISTANBUL", &[6]),
        ("name__icontains=%C4%B0", &[5]),
        ("name__icontains=%CF%83", &[7, 8]),
        ("name__icontains=%CF%82", &[7, 8]),
        ("name__icontains=%CE%BF%CE%B4%CE%BF%CF%83", &[7, 8]),
        ("name__icontains=%C3%85NGSTR%C3%96M", &[9, 10, 11]),
        ("name__icontains=%E2%84%AB", &[9, 10, 11]),
        ("name__icontains=BASE", &[16]),
        ("name__icontains=o'b", &[15]),
        ("name__icontains=%25%20LEGAL", &[12]),
        ("name__icontains=R_S", &[13]),
        ("name__icontains=K%5CS", &[14]),
        ("name__icontains=[A-Z]%2B(X)?$", &[19]),
        ("name__icontains=.", &[]),
        ("name__icontains=%EF%BF%BD", &[17]),
        ("country_code__icontains=tr", &[5, 6]),
        ("name__icontains=", &ALL),
    ]);
    let long = format!("/cities?name__icontains={}", "k".repeat(1_980));
    cases.push((long, Vec::new()));
    let searches: Vec<_> = cases.iter().filter(|(query, _)| query.len() < 200 && query.contains("name")).collect();
    let searched =
        searches.iter().map(|(query, wanted)| (query.replace("name__icontains", "q"), wanted.clone())).collect();
    cases.extend::<Vec<_>>(searched);
    cases.push((format!("/cities?q={}", "%F0%9D%94%B8".repeat(160)), Vec::new()));
    assert_finds(&cases).await;
}

#[tokio::test]
async fn whole_numbers_are_exact_to_the_last_digit() {
    let cases = cities(&[
        ("population=100", &[10, 11, 12]),
        ("population=9007199254740993", &[7]),
        ("population=9223372036854775807", &[6]),
        ("population__in=0,1,2,99", &[2, 3, 4]),
        ("population__gt=9007199254740992", &[6, 7]),
        ("population__gte=9007199254740993", &[6, 7]),
        ("population__lt=1", &[2]),
        ("population__lte=1", &[2, 3]),
        ("population__lt=-9223372036854775808", &[]),
        ("population__gt=-1", &[2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21]),
        ("population__between=0,2", &[2, 3, 4]),
        ("population__between=2,0", &[]),
        ("population__between=-5,-1", &[]),
        ("population__is_null=true", &[1, 9, 13]),
    ]);
    assert_finds(&both_spellings(cases)).await;
    let values =
        "/assistants/00000000-0000-0000-0000-000000000001/entities/00000000-0000-0000-0000-000000000001/values";
    let cases = of(
        values,
        &[
            ("position=20", &[2, 5]),
            ("position__gt=20", &[1, 3]),
            ("position__in=0,2147483647", &[4, 3]),
            ("position__between=-2147483648,0", &[4]),
            ("position__is_null=true", &[]),
        ],
    );
    assert_finds(&cases).await;
}

#[tokio::test]
async fn numbers_are_doubles() {
    let cases = cities(&[
        ("latitude=41.0082", &[5]),
        ("latitude=37.9838100000001", &[8]),
        ("latitude=37.98381", &[]),
        ("latitude=0", &[4]),
        ("latitude=-0.0", &[4]),
        ("latitude=1e-7", &[9]),
        ("latitude__gt=0", &[5, 6, 8, 9, 13, 14, 15, 16, 18, 19, 20, 21]),
        ("latitude__lt=-0.25", &[2, 3, 10, 11]),
        ("latitude__lte=-37.5", &[2, 10, 11]),
        ("latitude__gte=90", &[6]),
        ("latitude__between=-1,1e-7", &[3, 4, 9]),
        ("latitude__in=10,10.5", &[13, 14, 15, 16]),
        ("longitude=-82.0164", &[5]),
        ("latitude__lt=1e308", &[2, 3, 4, 5, 6, 8, 9, 10, 11, 13, 14, 15, 16, 18, 19, 20, 21]),
        ("latitude__is_null=true", &[1, 7, 12, 17]),
    ]);
    assert_finds(&both_spellings(cases)).await;
}

#[tokio::test]
async fn times_differ_in_their_microseconds_and_not_in_their_offsets() {
    let cases = cities(&[
        ("created_at=2026-01-31T09:30:00Z", &[1]),
        ("created_at=2026-01-31T09:30:00.000001Z", &[2]),
        ("created_at=2026-01-31T09:30:00.1Z", &[5]),
        ("created_at=2026-01-31T09:30:00.1200009Z", &[6]),
        ("created_at=2026-01-31T10:30:00.123456%2B01:00", &[8]),
        ("created_at=2026-01-31T10:30:00.123456+01:00", &[8]),
        ("created_at=2026-01-31T08:30:00.123456-01:00", &[8]),
        ("created_at=2026-01-31t09:30:00.123z", &[7]),
        ("created_at__lt=2026-01-31T09:30:00.000001Z", &[1, 9]),
        ("created_at__lte=2026-01-31T09:30:00.000001Z", &[1, 2, 9]),
        ("created_at__gt=2026-01-31T15:00:10+05:30", &[19, 20, 21]),
        ("created_at__gte=2026-01-31T15:00:10+05:30", &[18, 19, 20, 21]),
        ("created_at__between=2026-01-31T10:30:00.1+01:00,2026-01-31T10:30:00.123456+01:00", &[5, 6, 7, 8]),
        ("created_at__in=2026-01-31T10:30:00+01:00,2026-01-31T09:30:01Z", &[1, 4]),
        ("created_at__gt=0001-01-01T00:00:00Z", &ALL),
        ("created_at__gt=9999-12-31T23:59:59.999999Z", &[]),
        ("created_at__is_null=true", &[]),
    ]);
    assert_finds(&both_spellings(cases)).await;
}

#[tokio::test]
async fn ids_choices_and_truth_values_are_one_or_another() {
    let id = |number: u128| format!("{:08}-0000-0000-0000-{number:012x}", 0);
    let entities = format!("/assistants/{}/entities", id(1));
    let mut cases = both_spellings(of(
        "/assistants",
        &[
            ("status=active", &[1, 4, 6]),
            ("status__ne=active", &[2, 3, 5]),
            ("status__in=draft,archived", &[2, 3, 5]),
            ("status__not_in=draft,archived", &[1, 4, 6]),
            ("status__is_null=false", &[1, 2, 3, 4, 5, 6]),
            ("description=", &[3]),
            ("description=null", &[5]),
            ("description__is_null=true", &[2, 6]),
            ("description__ne=null", &[1, 2, 3, 4, 6]),
            ("description__icontains=trains", &[1, 4]),
        ],
    ));
    cases.extend(both_spellings(of(
        &entities,
        &[
            ("fuzzy_match=true", &[1, 3]),
            ("fuzzy_match__ne=true", &[2, 4]),
            ("fuzzy_match__is_null=true", &[]),
            ("kind=pattern", &[4]),
            ("kind__ne=pattern", &[1, 2, 3]),
        ],
    )));
    cases.extend(both_spellings(vec![
        (format!("/cities?id={}", id(3)), vec![3]),
        (format!("/cities?id={}", id(10).to_uppercase()), vec![10]),
        (format!("/cities?id__in={},{},{}", id(3), id(11), id(99)), vec![3, 11]),
        (format!("/cities?id__ne={}", id(3)), others(&[3])),
        (format!("/cities?id__not_in={},{}", id(3), id(11)), others(&[3, 11])),
    ]));
    assert_finds(&cases).await;
}

#[tokio::test]
async fn what_is_not_something_may_be_nothing() {
    let unpopulated: Vec<_> = (1..).zip(CITIES).filter(|(_, city)| city.2.is_none()).map(|(row, _)| row).collect();
    assert_eq!(unpopulated, [1, 9, 13]);
    let mut cases = Vec::new();
    for (filter, rows) in [
        ("name__ne=a", &[1][..]),
        ("name__not_in=a,A", &[1, 2]),
        ("population__ne=100", &[10, 11, 12]),
        ("population__not_in=100,0", &[2, 10, 11, 12]),
        ("latitude__ne=10", &[13, 14, 15]),
        ("latitude__not_in=10,11", &[13, 14, 15, 18]),
        ("created_at__ne=2026-01-31T09:30:00Z", &[1]),
        ("created_at__not_in=2026-01-31T09:30:00Z,2026-01-31T09:30:01Z", &[1, 4]),
    ] {
        cases.push((format!("/cities?{filter}"), others(rows)));
    }
    assert_finds(&both_spellings(cases)).await;
}

#[tokio::test]
async fn all_filters_hold_at_once_also_several_of_one_field() {
    let cases = cities(&[
        ("population__gt=1&population__lt=100&country_code=ZZ", &[16, 17, 18, 19]),
        ("name__contains=legal&name__starts_with=100&name__ne=1000%20legal", &[12]),
        ("name=a&name=a", &[1]),
        ("name=a&name=A", &[]),
        ("q=legal&population__gt=50", &[12]),
        ("q=", &ALL),
        ("&&name=a&", &[1]),
    ]);
    assert_finds(&cases).await;
}

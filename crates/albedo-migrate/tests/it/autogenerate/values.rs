//! Differences between values: no database, no file.

use albedo_migrate::diff::{Hints, Lens, Remark, Rename, Unfilled, diff};
use albedo_migrate::prelude::*;
use albedo_migrate::schema::Schema;
use proptest::prelude::*;

use super::random::schemas;

/// The hints of somebody who has an answer to everything.
pub(crate) fn neutral() -> Hints {
    Hints { unfilled: Unfilled::Neutral, ..Hints::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn the_difference_leads_from_any_schema_to_any_other(before in schemas(), after in schemas()) {
        let difference = diff(&before, &after, &neutral()).unwrap();
        let mut reached = before.clone();
        for operation in &difference.operations {
            reached.apply(operation).unwrap();
        }
        let left = diff(&reached, &after, &neutral()).unwrap();
        prop_assert!(left.is_empty(), "{:#?}\nleft: {:#?}", difference.operations, left);
        prop_assert_eq!(ordered(reached), ordered(after.clone()));
        prop_assert_eq!(difference.is_empty(), ordered(before) == ordered(after));
    }

    #[test]
    fn a_schema_does_not_differ_from_itself(schema in schemas()) {
        prop_assert!(diff(&schema, &schema, &neutral()).unwrap().is_empty());
    }

    #[test]
    fn the_same_schemas_give_the_same_operations(before in schemas(), after in schemas()) {
        prop_assert_eq!(diff(&before, &after, &neutral()).unwrap(), diff(&before, &after, &neutral()).unwrap());
    }
}

/// The same schema with everything in the order of its name: no order but that of columns in keys is kept.
fn ordered(mut schema: Schema) -> Schema {
    for table in schema.tables.values_mut() {
        table.columns.sort_by(|one, other| one.name.cmp(&other.name));
        table.uniques.sort_by(|one, other| one.name.cmp(&other.name));
        table.checks.sort_by(|one, other| one.name.cmp(&other.name));
        table.foreign_keys.sort_by(|one, other| one.name.cmp(&other.name));
        table.indexes.sort_by(|one, other| one.name.cmp(&other.name));
    }
    schema
}

pub(crate) fn schema(fill: fn(&mut Operations)) -> Schema {
    let mut schema = Schema::new();
    for operation in Operations::of(fill).list() {
        schema.apply(operation).unwrap();
    }
    schema
}

fn told(before: fn(&mut Operations), after: fn(&mut Operations), hints: &Hints) -> Vec<String> {
    let difference = diff(&schema(before), &schema(after), hints).unwrap();
    difference.operations.iter().map(ToString::to_string).collect()
}

#[test]
fn tables_in_a_circle_are_made_first_and_tied_together_after() {
    let circle = |op: &mut Operations| {
        op.create_table("hens", |table| {
            table.integer("id").primary_key();
            table.integer("egg_id").references("eggs", "id");
            table.integer("mother_id").references("hens", "id");
        });
        op.create_table("eggs", |table| {
            table.integer("id").primary_key();
            table.integer("hen_id").references("hens", "id");
        });
    };
    let up = told(|_| {}, circle, &Hints::default());
    assert_eq!(up, ["create table eggs", "create table hens", "add constraint fk_eggs_hen_id to eggs"]);
    let down = told(circle, |_| {}, &Hints::default());
    assert_eq!(down, ["drop constraint fk_eggs_hen_id of eggs", "drop table hens", "drop table eggs"]);
}

#[test]
fn a_rename_is_done_when_told_and_asked_about_otherwise() {
    let before = |op: &mut Operations| {
        op.create_table("users", |table| {
            table.integer("id").primary_key();
            table.string("nick", 20).unique();
            table.check("nick", "nick <> ''");
        });
    };
    let after = |op: &mut Operations| {
        op.create_table("people", |table| {
            table.integer("id").primary_key();
            table.string("alias", 20).unique();
            table.check("alias", "alias <> ''");
        });
    };
    let renames = vec![Rename::table("users", "people"), Rename::within("people", "nick", "alias")];
    let hints = Hints { renames, ..Hints::default() };
    assert_eq!(
        told(before, after, &hints),
        [
            "rename table users to people",
            "rename column people.nick to alias",
            "rename constraint pk_users of people to pk_people",
            "rename constraint uq_users_nick of people to uq_people_alias",
            "rename constraint ck_users_nick of people to ck_people_alias",
        ]
    );
    let silent = diff(&schema(before), &schema(after), &Hints::default()).unwrap();
    assert_eq!(silent.destructive().count(), 1);
    let hints = Hints { renames: vec![Rename::table("users", "people")], ..Hints::default() };
    let half = diff(&schema(before), &schema(after), &hints).unwrap();
    assert!(half.remarks.contains(&Remark::PossibleRename(Rename::within("people", "nick", "alias"))));
    for wrong in ["nobody=people", "users=nobody", "people.nobody=alias", "people.nick=nobody", "nobody.a=b"] {
        let renames = vec![wrong.parse().unwrap()];
        assert!(diff(&schema(before), &schema(after), &Hints { renames, ..Hints::default() }).is_err(), "{wrong}");
    }
}

#[test]
fn a_column_that_may_not_be_empty_needs_a_value_for_the_rows_that_are_there() {
    let before = |op: &mut Operations| {
        op.create_table("t", |table| {
            table.integer("a");
        })
    };
    let after = |op: &mut Operations| {
        op.create_table("t", |table| {
            table.integer("a").not_null();
            table.integer("b").not_null();
            table.integer("c").not_null().default(1);
        })
    };
    let difference = diff(&schema(before), &schema(after), &Hints::default()).unwrap();
    let needs = |column: &str| Remark::NeedsFill { table: "t".into(), column: column.into() };
    assert_eq!(difference.remarks, [needs("a"), needs("b")]);
    assert!(diff(&schema(before), &schema(after), &neutral()).unwrap().remarks.is_empty());
}

#[test]
fn what_one_database_cannot_hold_is_no_difference_there() {
    let before = |op: &mut Operations| {
        op.create_enum("mood", ["sad"]);
        op.create_table("t", |table| {
            table.integer("a").comment("x");
            table.enumeration("m", "mood");
            table.index(["a"]).include(["m"]);
        });
    };
    let after = |op: &mut Operations| {
        op.create_enum("mood", ["sad", "glad"]);
        op.create_table("t", |table| {
            table.big_integer("a");
            table.enumeration("m", "mood");
            table.index(["a"]);
        });
    };
    let through = |lens| diff(&schema(before), &schema(after), &Hints { lens, ..Hints::default() }).unwrap();
    assert!(through(Lens::One(Dialect::Sqlite)).is_empty());
    let changes: Vec<String> = through(Lens::Both).changes.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(changes.join("\n"));
}

#[test]
fn a_value_of_an_enum_that_goes_makes_its_type_anew() {
    let before = |op: &mut Operations| {
        op.create_enum("mood", ["sad", "glad", "mad"]);
        op.create_table("t", |table| {
            table.enumeration("m", "mood").not_null().default("mad");
            table.index(["m"]).filter("m = 'sad'");
        });
    };
    let after = |op: &mut Operations| {
        op.create_enum("mood", ["sad", "glad"]);
        op.create_table("t", |table| {
            table.enumeration("m", "mood").not_null().default("sad");
            table.index(["m"]).filter("m = 'sad'");
        });
    };
    assert_eq!(
        told(before, after, &Hints { fills: vec!["mood.mad=sad".parse().unwrap()], ..Hints::default() }),
        [
            "drop index ix_t_m",
            "rename enum mood to mood_old",
            "create enum mood",
            "alter column t.m",
            "drop enum mood_old",
            "create index ix_t_m on t",
        ]
    );
    // Once added in a transaction, a value cannot be used in it.
    assert_eq!(told(after, before, &Hints::default()).iter().filter(|told| told.starts_with("rename enum")).count(), 1);
}

#[test]
fn five_hundred_tables_are_compared_in_the_time_a_person_does_not_notice() {
    let mut before = Schema::new();
    for number in 0..500_usize {
        let operations = Operations::of(|op| {
            op.create_table(&format!("table_{number:03}"), |table| {
                table.integer("id").primary_key();
                for column in 0..18 {
                    table.string(&format!("column_{column}"), 20).not_null().default("x");
                }
                let parent = format!("table_{:03}", number.saturating_sub(1));
                table.integer("parent_id").references(&parent, "id").indexed();
                table.check("column_1", "column_1 <> ''");
            });
        });
        operations.list().iter().for_each(|operation| before.apply(operation).unwrap());
    }
    let mut after = before.clone();
    for table in after.tables.values_mut() {
        table.column_mut("column_3").unwrap().column_type = ColumnType::Text;
    }
    let begun = std::time::Instant::now();
    assert_eq!(diff(&Schema::new(), &before, &Hints::default()).unwrap().operations.len(), 500);
    assert_eq!(diff(&before, &Schema::new(), &Hints::default()).unwrap().operations.len(), 500);
    assert_eq!(diff(&before, &after, &Hints::default()).unwrap().operations.len(), 500);
    // Without optimization, on a machine with other work: what is quadratic takes minutes here.
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
}

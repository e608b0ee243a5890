//! The order of a list as SQL, and the rows on one side of a place in it.
//!
//! What is asked for is always a range of an index, where there is one: a chain of `OR` would be right too, and read the
//! table up to the place. So keys that go one way are compared as one row value; where they differ, the first key bounds
//! the range by itself; and where the first key may be empty, the rows that have one and those that have none are two
//! stretches, asked for one after the other.

use albedo_core::field::Kind;
use albedo_core::listing::{Direction, SortKey};
use albedo_core::scalar::Scalar;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, NullOrdering, Order, SimpleExpr};
use sea_orm::{ColumnType, DbBackend};

use crate::columns::Known;
use crate::listing::value;

/// One key of an order.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) column: &'static str,
    direction: Direction,
    nullable: bool,
    expression: SimpleExpr,
    /// The type that a value has to take on, where the column's own is none that values have.
    cast: Option<&'static str>,
}

/// One key of an `ORDER BY`.
pub(crate) struct OrderKey {
    pub(crate) expression: SimpleExpr,
    pub(crate) order: Order,
    /// Where empty values go; `None` where there are none.
    pub(crate) nulls: Option<NullOrdering>,
}

/// Rows that lie beside each other in an index.
pub(crate) struct Stretch {
    pub(crate) condition: Condition,
    pub(crate) order: Vec<OrderKey>,
}

/// Which way through the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Onwards,
    Back,
}

/// Where a walk begins: the values of all the keys, and whether the row that has them is one of those asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start<'s> {
    pub(crate) values: &'s [Option<Scalar>],
    pub(crate) inclusive: bool,
}

/// The keys of an order, the id behind them: without a last key that differs in every row, a row may show on two pages or
/// on none. It goes the way of the key before it, so that one index serves an order and its reverse.
pub(crate) fn keys(backend: DbBackend, table: &'static str, order: &[SortKey], known: &Known) -> Vec<Key> {
    let asked = order.iter().filter_map(|key| {
        let kind = (known.kind)(key.field.name)?;
        let is_text = matches!(key.field.kind, Kind::Text | Kind::Choice(_));
        Some(Key {
            column: key.field.name,
            direction: key.direction,
            nullable: key.field.nullable,
            expression: comparable(backend, table, key.field.name, is_text),
            cast: padded(backend, &kind),
        })
    });
    let mut keys: Vec<_> = asked.collect();
    let direction = keys.last().map_or(Direction::Ascending, |key| key.direction);
    let id = known.own.id;
    let expression = comparable(backend, table, id, false);
    keys.push(Key { column: id, direction, nullable: false, expression, cast: None });
    keys
}

/// Text in the order of its code points, as SQLite has it; PostgreSQL would follow the locale that its cluster was made in.
fn comparable(backend: DbBackend, table: &'static str, column: &'static str, is_text: bool) -> SimpleExpr {
    if is_text && backend == DbBackend::Postgres {
        return Expr::cust(format!("\"{table}\".\"{column}\" COLLATE \"C\""));
    }
    Expr::col((table, column))
}

/// PostgreSQL would make a text of a `char(2)` before it compares it with one, and find no index for that.
fn padded(backend: DbBackend, kind: &ColumnType) -> Option<&'static str> {
    (matches!(kind, ColumnType::Char(_)) && backend == DbBackend::Postgres).then_some("bpchar")
}

/// The order of a whole list.
pub(crate) fn order(keys: &[Key]) -> Vec<OrderKey> {
    keys.iter().map(|key| key.ordered(Way::Onwards)).collect()
}

/// The rows from a place on, in the order in which they are met.
pub(crate) fn stretches(keys: &[Key], start: Option<Start<'_>>, way: Way) -> Vec<Stretch> {
    let Some((first, rest)) = keys.split_first() else { return Vec::new() };
    let values = start.map(|start| start.values);
    let whole = |order| Stretch { condition: Condition::all(), order };
    let ordered = |keys: &[Key]| keys.iter().map(|key| key.ordered(way)).collect::<Vec<_>>();
    let beyond = |keys: &[Key], values| start.map(|start| beyond(keys, values, start.inclusive, way));
    if !first.nullable {
        let mut stretch = whole(ordered(keys));
        stretch.condition = stretch.condition.add_option(values.and_then(|values| beyond(keys, values)));
        return vec![stretch];
    }
    // With a value in the first key, no row of the stretch is empty there: its place needs no word, and both ways of an
    // index will do.
    let full_order = || {
        let first = OrderKey { nulls: None, ..first.ordered(way) };
        [first].into_iter().chain(ordered(rest)).collect::<Vec<_>>()
    };
    let mut full = whole(full_order());
    full.condition = full.condition.add(first.expression.clone().is_not_null());
    let mut empty = whole(ordered(rest));
    empty.condition = empty.condition.add(first.expression.clone().is_null());
    let Some((value, others)) = values.and_then(|values| values.split_first()) else {
        return if way == Way::Onwards { vec![full, empty] } else { vec![empty, full] };
    };
    if value.is_some() {
        full.condition = full.condition.add_option(values.and_then(|values| beyond(keys, values)));
        if way == Way::Onwards { vec![full, empty] } else { vec![full] }
    } else {
        empty.condition = empty.condition.add_option(beyond(rest, others));
        if way == Way::Onwards { vec![empty] } else { vec![empty, full] }
    }
}

impl Key {
    /// Whether its values rise on this way.
    fn rises(&self, way: Way) -> bool {
        (self.direction == Direction::Ascending) == (way == Way::Onwards)
    }

    fn ordered(&self, way: Way) -> OrderKey {
        let nulls = if way == Way::Onwards { NullOrdering::Last } else { NullOrdering::First };
        OrderKey {
            expression: self.expression.clone(),
            order: if self.rises(way) { Order::Asc } else { Order::Desc },
            nulls: self.nullable.then_some(nulls),
        }
    }

    fn bound(&self, scalar: &Scalar) -> SimpleExpr {
        let value = Expr::val(value(scalar));
        match self.cast {
            Some(cast) => value.cast_as(cast),
            None => value,
        }
    }

    fn equals(&self, scalar: &Scalar) -> SimpleExpr {
        self.expression.clone().eq(self.bound(scalar))
    }

    /// Further on than the value, or as far.
    fn further(&self, scalar: &Scalar, or_as_far: bool, way: Way) -> SimpleExpr {
        further(self.expression.clone(), self.bound(scalar), or_as_far, self.rises(way))
    }
}

fn further(left: SimpleExpr, right: SimpleExpr, or_as_far: bool, rises: bool) -> SimpleExpr {
    match (rises, or_as_far) {
        (true, false) => left.gt(right),
        (true, true) => left.gte(right),
        (false, false) => left.lt(right),
        (false, true) => left.lte(right),
    }
}

/// The rows that come further on than these values, and the row that has them where that is meant.
fn beyond(keys: &[Key], values: &[Option<Scalar>], inclusive: bool, way: Way) -> Condition {
    let all = Condition::all();
    let (Some((key, rest)), Some((value, others))) = (keys.split_first(), values.split_first()) else { return all };
    if let Some(row) = as_row(keys, values, inclusive, way) {
        return all.add(row);
    }
    let Some(value) = value else {
        // Empty ones are last: onwards none but empty ones follow, and back everything else does.
        let same = all.add(key.expression.clone().is_null()).add(beyond(rest, others, inclusive, way));
        let full = (way == Way::Back).then(|| key.expression.clone().is_not_null());
        return Condition::any().add(same).add_option(full);
    };
    let same = Condition::all().add(key.equals(value)).add(beyond(rest, others, inclusive, way));
    let further = Condition::any().add(key.further(value, false, way)).add(same);
    if key.nullable && way == Way::Onwards {
        return further.add(key.expression.clone().is_null());
    }
    // Says nothing that the rest does not; but it is what an index can begin at.
    all.add(key.further(value, true, way)).add(further)
}

/// One comparison of row values, where all keys go one way and none is empty.
fn as_row(keys: &[Key], values: &[Option<Scalar>], inclusive: bool, way: Way) -> Option<SimpleExpr> {
    let rises = keys.first()?.rises(way);
    if keys.iter().any(|key| key.nullable || key.rises(way) != rises) {
        return None;
    }
    let bounds = keys.iter().zip(values).map(|(key, value)| Some(key.bound(value.as_ref()?)));
    let mut bounds = bounds.collect::<Option<Vec<_>>>()?;
    let (columns, bounds) = match keys {
        [only] => (only.expression.clone(), bounds.pop()?),
        _ => (Expr::tuple(keys.iter().map(|key| key.expression.clone())), Expr::tuple(bounds)),
    };
    Some(further(columns, bounds, inclusive, rises))
}

#[cfg(test)]
mod tests {
    use albedo_core::listing::read;
    use albedo_entities::{Resource, city};
    use sea_orm::sea_query::{PostgresQueryBuilder, Query};
    use uuid::Uuid;

    use super::*;
    use crate::columns::known;

    /// The conditions of the stretches after a place, as PostgreSQL is asked for them.
    fn asked(sort: &str, values: Option<&[Option<Scalar>]>, way: Way) -> Vec<String> {
        let description = city::Entity::description();
        let order = read(description.fields, sort).unwrap().order(description.default_sort);
        let keys = keys(DbBackend::Postgres, "cities", &order, &known::<city::Entity>());
        let start = values.map(|values| Start { values, inclusive: false });
        let sql = |stretch: Stretch| {
            let mut query = Query::select().expr(Expr::val(1)).from("cities").cond_where(stretch.condition).take();
            for key in stretch.order {
                match key.nulls {
                    Some(nulls) => query.order_by_expr_with_nulls(key.expression, key.order, nulls),
                    None => query.order_by_expr(key.expression, key.order),
                };
            }
            let text = query.to_string(PostgresQueryBuilder).replace("\"cities\".", "").replace('"', "");
            text.replace("SELECT 1 FROM cities", "").replace(&Uuid::nil().to_string(), "0").trim().to_owned()
        };
        stretches(&keys, start, way).into_iter().map(sql).collect()
    }

    fn at(values: &[Option<Scalar>]) -> Vec<Option<Scalar>> {
        [values, &[Some(Scalar::Uuid(Uuid::nil()))]].concat()
    }

    fn text(text: &str) -> Option<Scalar> {
        Some(Scalar::Text(text.to_owned()))
    }

    #[test]
    fn keys_that_go_one_way_are_compared_as_one_row() {
        assert_eq!(asked("", None, Way::Onwards), ["WHERE TRUE ORDER BY id ASC"]);
        assert_eq!(asked("", Some(&at(&[])), Way::Back), ["WHERE id < '0' ORDER BY id DESC"]);
        let after = at(&[text("x")]);
        assert_eq!(
            asked("sort=-name", Some(&after), Way::Onwards),
            ["WHERE (name COLLATE C, id) < ('x', '0') ORDER BY name COLLATE C DESC, id DESC"]
        );
    }

    #[test]
    fn where_they_differ_the_first_one_bounds_the_range() {
        let after = at(&[text("PT"), text("x")]);
        assert_eq!(
            asked("sort=country_code,-name", Some(&after), Way::Onwards),
            [concat!(
                "WHERE (country_code COLLATE C) >= CAST('PT' AS bpchar) AND ((country_code COLLATE C) > CAST('PT' AS bpchar)",
                " OR ((country_code COLLATE C) = CAST('PT' AS bpchar) AND (name COLLATE C, id) < ('x', '0')))",
                " ORDER BY country_code COLLATE C ASC, name COLLATE C DESC, id DESC"
            )]
        );
    }

    #[test]
    fn the_full_rows_and_the_empty_ones_are_two_stretches() {
        let full = "population IS NOT NULL";
        assert_eq!(
            asked("sort=-population", None, Way::Onwards),
            [
                format!("WHERE {full} ORDER BY population DESC, id DESC"),
                "WHERE population IS NULL ORDER BY id DESC".to_owned(),
            ]
        );
        let (some, none) = (at(&[Some(Scalar::Integer(7))]), at(&[None]));
        assert_eq!(asked("sort=population", Some(&some), Way::Back).len(), 1, "no empty row comes before a full one");
        assert_eq!(
            asked("sort=population", Some(&none), Way::Onwards),
            ["WHERE population IS NULL AND id > '0' ORDER BY id ASC"]
        );
        let [empty, full_ones] = &*asked("sort=population", Some(&none), Way::Back) else { panic!("two stretches") };
        assert_eq!(empty, "WHERE population IS NULL AND id < '0' ORDER BY id DESC");
        assert_eq!(full_ones, &format!("WHERE {full} ORDER BY population DESC, id DESC"));
    }
}

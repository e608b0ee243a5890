//! A list request as SQL: conditions and order, for any table.

use albedo_core::field::Kind;
use albedo_core::listing::{Direction, Filter, ListRequest, Test};
use albedo_core::scalar::Scalar;
use albedo_entities::Description;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, NullOrdering, Order, SimpleExpr};
use sea_orm::{DbBackend, Value};

use crate::text;

/// One key of an `ORDER BY`.
pub(crate) struct OrderKey {
    pub(crate) expression: SimpleExpr,
    pub(crate) order: Order,
    /// Where empty values go; `None` for columns that have none.
    pub(crate) nulls: Option<NullOrdering>,
}

/// The filters and the search of a request.
pub(crate) fn condition(backend: DbBackend, description: &Description, request: &ListRequest) -> Condition {
    let table = (description.table)();
    let mut condition = Condition::all();
    for filter in &request.filters {
        condition = condition.add(test(backend, table, filter));
    }
    if let Some(text) = &request.search {
        let searched = description.fields.iter().filter(|field| field.uses.search);
        let any = searched.fold(Condition::any(), |any, field| {
            any.add(text::contains_any_case(backend, Expr::col((table, field.name)), text))
        });
        condition = condition.add(any);
    }
    condition
}

fn test(backend: DbBackend, table: &'static str, filter: &Filter) -> Condition {
    let column = || Expr::col((table, filter.field.name));
    let passes: SimpleExpr = match &filter.test {
        Test::Equal(wanted) => column().eq(value(wanted)),
        Test::NotEqual(other) => return or_null(filter, column().ne(value(other)), column()),
        Test::In(wanted) => column().is_in(wanted.iter().map(value)),
        Test::NotIn(others) => return or_null(filter, column().is_not_in(others.iter().map(value)), column()),
        Test::Contains(wanted) => text::contains(backend, column(), wanted),
        Test::ContainsAnyCase(wanted) => text::contains_any_case(backend, column(), wanted),
        Test::StartsWith(wanted) => text::starts_with(backend, column(), wanted),
        Test::EndsWith(wanted) => text::ends_with(backend, column(), wanted),
        Test::IsNull(true) => column().is_null(),
        Test::IsNull(false) => column().is_not_null(),
        Test::Greater(bound) => column().gt(value(bound)),
        Test::GreaterOrEqual(bound) => column().gte(value(bound)),
        Test::Less(bound) => column().lt(value(bound)),
        Test::LessOrEqual(bound) => column().lte(value(bound)),
        Test::Between(from, to) => column().between(value(from), value(to)),
    };
    Condition::all().add(passes)
}

/// SQL's `<>` drops empty values without a word; people who ask for "not Porto" mean them too.
fn or_null(filter: &Filter, passes: SimpleExpr, column: Expr) -> Condition {
    let any = Condition::any().add(passes);
    if filter.field.nullable { any.add(column.is_null()) } else { any }
}

fn value(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Text(text) => text.as_str().into(),
        Scalar::Integer(number) => (*number).into(),
        Scalar::Number(number) => (*number).into(),
        Scalar::Boolean(truth) => (*truth).into(),
        Scalar::Uuid(id) => (*id).into(),
        Scalar::Time(time) => (*time).into(),
    }
}

/// The order asked for, or the resource's own, then the id: without a last key that differs in every row, a row may show
/// on two pages or on none.
pub(crate) fn order(backend: DbBackend, description: &Description, request: &ListRequest) -> Vec<OrderKey> {
    let asked = request.sort.iter().map(|key| (key.field, key.direction == Direction::Descending));
    let own = description.default_sort.iter().copied().filter(|_| request.sort.is_empty());
    let table = (description.table)();
    let mut keys: Vec<_> = asked
        .chain(own)
        .map(|(field, descending)| OrderKey {
            expression: comparable(backend, table, field.name, field.kind),
            order: if descending { Order::Desc } else { Order::Asc },
            nulls: field.nullable.then_some(NullOrdering::Last),
        })
        .collect();
    keys.push(OrderKey { expression: Expr::col((table, "id")), order: Order::Asc, nulls: None });
    keys
}

/// Text in the order of its code points, as SQLite has it; PostgreSQL would follow the locale that its cluster was made in.
fn comparable(backend: DbBackend, table: &'static str, column: &'static str, kind: Kind) -> SimpleExpr {
    let text = matches!(kind, Kind::Text | Kind::Choice(_));
    if text && backend == DbBackend::Postgres {
        return Expr::cust(format!("\"{table}\".\"{column}\" COLLATE \"C\""));
    }
    Expr::col((table, column))
}

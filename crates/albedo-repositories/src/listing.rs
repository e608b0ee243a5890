//! The filters and the search of a list as SQL, for any table.

use albedo_core::listing::{Filter, ListRequest, Test};
use albedo_core::scalar::Scalar;
use albedo_entities::Description;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, SimpleExpr};
use sea_orm::{DbBackend, Value};

use crate::text;

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

pub(crate) fn value(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Text(text) => text.as_str().into(),
        Scalar::Integer(number) => (*number).into(),
        Scalar::Number(number) => (*number).into(),
        Scalar::Boolean(truth) => (*truth).into(),
        Scalar::Uuid(id) => (*id).into(),
        Scalar::Time(time) => (*time).into(),
    }
}

/// A column's value, told as filters and cursors tell it; `None` for none, and for kinds that have no order.
pub(crate) fn scalar(value: Value) -> Option<Scalar> {
    Some(match value {
        Value::String(text) => Scalar::Text(text?),
        Value::Int(number) => Scalar::Integer(number?.into()),
        Value::BigInt(number) => Scalar::Integer(number?),
        Value::Double(number) => Scalar::Number(number?),
        Value::Bool(truth) => Scalar::Boolean(truth?),
        Value::Uuid(id) => Scalar::Uuid(id?),
        Value::ChronoDateTimeUtc(time) => Scalar::Time(time?),
        _ => return None,
    })
}

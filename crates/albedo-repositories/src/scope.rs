//! Whose rows, and below which parents: the condition that no query of a resource goes without.

use albedo_entities::{Description, Parent};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use uuid::Uuid;

/// The rows that a request may touch: those of one owner, below the parents that its path names.
///
/// A [`crate::Repository`] cannot be made without one, so a query cannot forget it. Where a resource has no owner, the
/// owner is not asked for; where it has, there is no way around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    owner: Uuid,
    /// Those that a path names, nearest first; `None` is any.
    parents: Option<Vec<Uuid>>,
    life: Life,
}

/// Which of the rows that can be deleted and stay. What stands above a row always lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Living,
    Deleted,
}

impl Scope {
    /// What `owner` may touch below the parents, given as a path names them: outermost first.
    #[must_use]
    pub fn of(owner: Uuid, mut parents: Vec<Uuid>) -> Self {
        parents.reverse();
        Self { owner, parents: Some(parents), life: Life::Living }
    }

    /// What `owner` may touch below whichever parents: for rows that others lead to. New rows cannot be made in it, since
    /// nobody says what they belong to.
    #[must_use]
    pub const fn anywhere(owner: Uuid) -> Self {
        Self { owner, parents: None, life: Life::Living }
    }

    /// The deleted rows in place of the living ones, below parents that live. None, where a delete is for good.
    #[must_use]
    pub fn deleted(self) -> Self {
        Self { life: Life::Deleted, ..self }
    }

    /// Whose rows.
    #[must_use]
    pub const fn owner(&self) -> Uuid {
        self.owner
    }

    /// The row that a new one belongs to.
    #[must_use]
    pub fn parent(&self) -> Option<Uuid> {
        self.parents.as_ref()?.first().copied()
    }

    /// The condition on the rows of `description`.
    pub(crate) fn condition(&self, description: &Description) -> Condition {
        condition(description, self.life, self.owner, self.parents.as_deref())
    }

    /// The condition that the parent exists and is in scope itself; `None` where there is no parent.
    pub(crate) fn parent_condition(&self, description: &Description) -> Option<(&'static str, Condition)> {
        let parent = description.parent.as_ref()?;
        Some(parent_row(parent, self.owner, self.parents.as_deref().unwrap_or_default()))
    }
}

/// The condition that the rows of `description` have not been deleted; for queries of their own, which have no scope.
pub(crate) fn living(description: &Description) -> Condition {
    alive(description, Life::Living)
}

fn alive(description: &Description, life: Life) -> Condition {
    let deleted_at = description.deleted_at.map(|column| Expr::col(((description.table)(), column)));
    match (deleted_at, life) {
        (Some(deleted_at), Life::Living) => Condition::all().add(deleted_at.is_null()),
        (Some(deleted_at), Life::Deleted) => Condition::all().add(deleted_at.is_not_null()),
        (None, Life::Living) => Condition::all(),
        (None, Life::Deleted) => Condition::all().add(Expr::val(false)),
    }
}

fn condition(description: &Description, life: Life, owner: Uuid, above: Option<&[Uuid]>) -> Condition {
    let table = (description.table)();
    let mut condition = alive(description, life);
    if let Some(column) = description.owner {
        condition = condition.add(Expr::col((table, column)).eq(owner));
    }
    let Some(parent) = &description.parent else { return condition };
    let referring = Expr::col((table, parent.column));
    // A parent that the path does not name is the nil UUID, which no row has: too few rows, never too many.
    let named = above.map(|parents| parents.first().copied().unwrap_or_default());
    if let Some(id) = named {
        condition = condition.add(referring.clone().eq(id));
    }
    // A path that names rows further up means those above this one.
    let is_deep = above.is_some() && (parent.description)().parent.is_some();
    if is_deep || (parent.description)().is_conditional() {
        let (table, above) = match above {
            Some(parents) => parent_row(parent, owner, parents),
            None => parent_of(parent, owner, referring),
        };
        let exists = Query::select().expr(Expr::val(1)).from(table).cond_where(above).take();
        condition = condition.add(Expr::exists(exists));
    }
    condition
}

fn parent_row(parent: &Parent, owner: Uuid, parents: &[Uuid]) -> (&'static str, Condition) {
    let description = (parent.description)();
    let table = (description.table)();
    let (id, above) = parents.split_first().map_or((Uuid::nil(), parents), |(id, above)| (*id, above));
    (table, condition(description, Life::Living, owner, Some(above)).add(Expr::col((table, "id")).eq(id)))
}

/// The parent of whichever row refers to it.
fn parent_of(parent: &Parent, owner: Uuid, referring: Expr) -> (&'static str, Condition) {
    let description = (parent.description)();
    let table = (description.table)();
    (table, condition(description, Life::Living, owner, None).add(Expr::col((table, "id")).eq(referring)))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use albedo_entities::{Resource, assistant, city, entity, value};
    use sea_orm::sea_query::SqliteQueryBuilder;

    use super::*;

    fn sql(description: &Description, scope: &Scope) -> String {
        let condition = scope.condition(description);
        Query::select().expr(Expr::val(1)).from("t").cond_where(condition).take().to_string(SqliteQueryBuilder)
    }

    #[test]
    fn a_nested_row_is_reached_through_every_parent_up_to_the_owner() {
        let [owner, assistant, entity] = [1, 2, 3].map(Uuid::from_u128);
        let text = sql(value::Entity::description(), &Scope::of(owner, vec![assistant, entity]));
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} is not in {text}"));
        assert!(at("\"entity_values\".\"entity_id\"") < at("EXISTS(SELECT 1 FROM \"entities\""));
        assert!(at("\"entities\".\"assistant_id\"") < at("EXISTS(SELECT 1 FROM \"assistants\""));
        assert!(at("EXISTS(SELECT 1 FROM \"assistants\"") < at("\"assistants\".\"owner_id\""));
    }

    #[test]
    fn rows_that_are_everybodys_are_reached_through_every_parent_that_the_path_names() {
        fn rivers() -> &'static Description {
            static RIVERS: LazyLock<Description> = LazyLock::new(|| below(|| "rivers", None));
            &RIVERS
        }
        fn gauges() -> &'static Description {
            static GAUGES: LazyLock<Description> =
                LazyLock::new(|| below(|| "gauges", Some(Parent { column: "river_id", description: rivers })));
            &GAUGES
        }
        let readings = below(|| "readings", Some(Parent { column: "gauge_id", description: gauges }));
        let [owner, river, gauge] = [1, 2, 3].map(Uuid::from_u128);
        let text = sql(&readings, &Scope::of(owner, vec![river, gauge]));
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} is not in {text}"));
        assert!(at("EXISTS(SELECT 1 FROM \"gauges\"") < at("\"gauges\".\"river_id\""), "{text}");
        // A river has nothing above it, and that it is there its gauge says.
        assert!(!text.contains("FROM \"rivers\""), "{text}");
        assert!(!sql(&readings, &Scope::anywhere(owner)).contains("EXISTS"));
    }

    /// A resource of everybody's.
    fn below(table: fn() -> &'static str, parent: Option<Parent>) -> Description {
        Description { table, parent, ..*city::Entity::description() }
    }

    #[test]
    fn what_is_deleted_is_out_of_reach_with_all_beneath_it() {
        let [owner, assistant] = [1, 2].map(Uuid::from_u128);
        let above = Scope::of(owner, vec![]);
        assert!(sql(assistant::Entity::description(), &above).contains("\"assistants\".\"deleted_at\" IS NULL"));
        let deleted = sql(assistant::Entity::description(), &above.deleted());
        assert!(deleted.contains("\"assistants\".\"deleted_at\" IS NOT NULL"), "{deleted}");
        assert!(deleted.contains("\"assistants\".\"owner_id\""), "{deleted}");
        let below = sql(entity::Entity::description(), &Scope::of(owner, vec![assistant]));
        assert!(below.contains("\"assistants\".\"deleted_at\" IS NULL"), "{below}");
        // Where a delete is for good there is nothing to restore, in whichever scope.
        let none = sql(city::Entity::description(), &Scope::of(owner, vec![]).deleted());
        assert_eq!(none, "SELECT 1 FROM \"t\" WHERE FALSE");
    }

    #[test]
    fn rows_that_others_lead_to_are_reached_through_their_own_parents_up_to_the_owner() {
        let text = sql(value::Entity::description(), &Scope::anywhere(Uuid::from_u128(1)));
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} is not in {text}"));
        assert!(at("\"entities\".\"id\" = \"entity_values\".\"entity_id\"") > at("EXISTS(SELECT 1 FROM \"entities\""));
        assert!(at("\"assistants\".\"id\" = \"entities\".\"assistant_id\"") > at("\"assistants\".\"owner_id\""));
        assert!(text.contains("\"assistants\".\"deleted_at\" IS NULL"), "{text}");
        assert_eq!(text.matches("EXISTS").count(), 2, "{text}");
    }

    #[test]
    fn a_missing_parent_lets_nothing_through() {
        let text = sql(value::Entity::description(), &Scope::of(Uuid::from_u128(1), vec![]));
        assert!(
            text.contains(&Uuid::nil().to_string().replace('-', "").to_uppercase())
                || text.contains(&Uuid::nil().to_string()),
            "{text}"
        );
    }

    #[test]
    fn shared_rows_have_no_condition() {
        let text = sql(city::Entity::description(), &Scope::of(Uuid::nil(), vec![]));
        assert_eq!(text, "SELECT 1 FROM \"t\" WHERE TRUE");
    }
}

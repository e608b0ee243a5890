//! What an answer depends on, and what a write changes: the two that have to fit each other.
//!
//! Pure: descriptions and ids in, tags out. A row that goes takes those beneath it along, and changes those that refer to
//! it; so an answer depends on the rows above it, and on every table that it can be reached from.

use std::hash::{DefaultHasher, Hash, Hasher};

use albedo_core::cache::{Key, Part, Tag, Terms};
use albedo_entities::{Description, registry};
use uuid::Uuid;

/// Where a request stands: who asks, and below which rows, outermost first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'p> {
    pub(crate) description: &'static Description,
    pub(crate) caller: Uuid,
    pub(crate) parents: &'p [Uuid],
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted<'w> {
    Row(Uuid),
    List(&'w str),
}

/// What a write does to a row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    Create,
    Update(Uuid),
    Delete(Uuid),
    Restore(Uuid),
}

impl Place<'_> {
    /// What the answer is called; `None` where it is not kept.
    pub(crate) fn key(&self, wanted: Wanted<'_>) -> Option<Key> {
        let ttl = self.description.cache_ttl;
        let kept = match wanted {
            Wanted::Row(_) => ttl.is_none_or(|ttl| !ttl.is_zero()),
            Wanted::List(_) => ttl.is_some_and(|ttl| !ttl.is_zero()),
        };
        kept.then(|| Key {
            table: (self.description.table)(),
            owner: self.description.is_owned().then_some(self.caller),
            parents: self.parents.to_vec(),
            part: match wanted {
                Wanted::Row(id) => Part::Row(id),
                Wanted::List(query) => Part::List(query.into()),
            },
        })
    }

    pub(crate) fn terms(&self, wanted: Wanted<'_>) -> Terms {
        let table = (self.description.table)();
        let mut tags = vec![match wanted {
            Wanted::Row(id) => Tag::row(table, id),
            Wanted::List(_) => self.lists(),
        }];
        let above = self.description.parents().zip(self.parents.iter().rev());
        tags.extend(above.map(|(parent, id)| Tag::beneath((parent.table)(), *id)));
        for (table, crossed) in reach(self.description) {
            tags.push(Tag::table(table));
            if crossed {
                tags.push(Tag::gone(table));
            }
        }
        Terms { tags, time_to_live: self.description.cache_ttl, shape: shape(self.description) }
    }

    /// What the answer depends on, where it may be read from a replica of the database. What is never kept has writes that
    /// nobody is told of, and so has what clients cannot write.
    pub(crate) fn read_elsewhere(&self, wanted: Wanted<'_>) -> Option<Vec<Tag>> {
        let methods = &self.description.methods;
        let written = methods.create || methods.update || methods.delete;
        let told = written && self.description.cache_ttl.is_none_or(|ttl| !ttl.is_zero());
        told.then(|| self.terms(wanted).tags)
    }

    /// The outermost row above, in which a write changes something; for reads of all of it.
    pub(crate) fn within(&self) -> Option<Tag> {
        let outermost = self.description.parents().last()?;
        Some(Tag::inside((outermost.table)(), *self.parents.first()?))
    }

    /// What a write changes.
    pub(crate) fn changed(&self, change: Change) -> Vec<Tag> {
        let table = (self.description.table)();
        match change {
            Change::Create => vec![self.lists()],
            Change::Update(id) => vec![Tag::row(table, id), self.lists()],
            // What goes takes along what is beneath it, and what comes back brings it back.
            Change::Delete(id) | Change::Restore(id) => {
                vec![Tag::row(table, id), Tag::beneath(table, id), self.lists(), Tag::gone(table)]
            }
        }
    }

    /// The lists that the rows of this place stand in: those of their parent, of their owner, or everybody's.
    fn lists(&self) -> Tag {
        let parent = self.parents.last().filter(|_| self.description.parent.is_some());
        let owner = self.description.owner.is_some().then_some(&self.caller);
        Tag::list((self.description.table)(), parent.or(owner).copied().unwrap_or_default())
    }
}

/// The tables that a row can be reached from, its own among them, and whether a reference other than to a parent lies on
/// the way: below a parent an answer depends on that one row, elsewhere on all of the table.
fn reach(description: &Description) -> Vec<(&'static str, bool)> {
    let mut found = vec![((description.table)(), false)];
    let mut next = vec![(description, false)];
    while let Some((description, crossed)) = next.pop() {
        for reference in description.references {
            let upwards = description.parent.as_ref().is_some_and(|parent| parent.column == reference.column);
            let step = ((reference.table)(), crossed || !upwards);
            if found.contains(&step) {
                continue;
            }
            found.push(step);
            let known = registry::resources().into_iter().find(|known| (known.table)() == step.0);
            next.extend(known.map(|known| (known, step.1)));
        }
    }
    // Both ways lead there; the tag of the table is needed once.
    let crossed: Vec<_> = found.iter().filter(|(_, crossed)| *crossed).map(|(table, _)| *table).collect();
    found.retain(|(table, is_crossed)| *is_crossed || !crossed.contains(table));
    found
}

/// Differs when another build shows other fields: during a rolling upgrade two builds share one Redis.
fn shape(description: &Description) -> u64 {
    let mut hasher = DefaultHasher::new();
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    for field in description.fields {
        (field.name, field.nullable, field.uses.view).hash(&mut hasher);
        format!("{:?}", field.kind).hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use albedo_entities::{Resource, assistant, city, entity, user, value};

    use super::*;

    const CALLER: Uuid = Uuid::from_u128(1);
    const ASSISTANT: Uuid = Uuid::from_u128(2);
    const ENTITY: Uuid = Uuid::from_u128(3);
    const VALUE: Uuid = Uuid::from_u128(4);

    fn place<R: Resource>(parents: &[Uuid]) -> Place<'_> {
        Place { description: R::description(), caller: CALLER, parents }
    }

    /// Whether the answer is asked for anew after the change.
    fn meets(answer: Place<'_>, wanted: Wanted<'_>, place: Place<'_>, change: Change) -> bool {
        let tags = answer.terms(wanted).tags;
        place.changed(change).iter().any(|changed| tags.contains(changed))
    }

    #[test]
    fn a_write_meets_the_row_and_its_lists_and_no_others() {
        let here = place::<city::Entity>(&[]);
        for change in [Change::Create, Change::Update(VALUE), Change::Delete(VALUE), Change::Restore(VALUE)] {
            assert!(meets(here, Wanted::List("q=a"), here, change), "{change:?}");
            assert!(!meets(here, Wanted::Row(ENTITY), here, change), "{change:?}");
            assert_eq!(meets(here, Wanted::Row(VALUE), here, change), !matches!(change, Change::Create), "{change:?}");
        }
        let mine = place::<assistant::Entity>(&[]);
        let theirs = Place { caller: Uuid::from_u128(9), ..mine };
        assert!(!meets(mine, Wanted::List(""), theirs, Change::Create));
        assert_ne!(mine.key(Wanted::Row(ASSISTANT)), theirs.key(Wanted::Row(ASSISTANT)));
    }

    #[test]
    fn what_goes_takes_along_what_is_beneath_it_and_a_change_does_not() {
        let above = place::<assistant::Entity>(&[]);
        let (entities, values) = (place::<entity::Entity>(&[ASSISTANT]), place::<value::Entity>(&[ASSISTANT, ENTITY]));
        for (answer, wanted) in [
            (entities, Wanted::Row(ENTITY)),
            (entities, Wanted::List("")),
            (values, Wanted::Row(VALUE)),
            (values, Wanted::List("")),
        ] {
            assert!(meets(answer, wanted, above, Change::Delete(ASSISTANT)), "{wanted:?}");
            assert!(meets(answer, wanted, above, Change::Restore(ASSISTANT)), "{wanted:?}");
            assert!(!meets(answer, wanted, above, Change::Update(ASSISTANT)), "{wanted:?}");
            assert!(!meets(answer, wanted, above, Change::Delete(VALUE)), "{wanted:?}: another assistant");
        }
        assert!(meets(values, Wanted::Row(VALUE), entities, Change::Delete(ENTITY)));
        assert!(!meets(entities, Wanted::List(""), values, Change::Create));
    }

    #[test]
    fn what_refers_to_a_row_elsewhere_changes_when_that_goes() {
        let users = place::<user::Entity>(&[]);
        for answer in [place::<assistant::Entity>(&[]), place::<value::Entity>(&[ASSISTANT, ENTITY])] {
            assert!(meets(answer, Wanted::List(""), users, Change::Delete(CALLER)));
            assert!(!meets(answer, Wanted::List(""), users, Change::Update(CALLER)));
        }
        let tables: Vec<_> = reach(value::Entity::description()).into_iter().map(|(table, _)| table).collect();
        assert_eq!(tables, ["entity_values", "entities", "assistants", "users"]);
    }

    #[test]
    fn what_has_writes_that_nobody_is_told_of_is_not_read_elsewhere() {
        let elsewhere = |place: Place<'_>| {
            [Wanted::Row(VALUE), Wanted::List("")].map(|wanted| place.read_elsewhere(wanted).is_some())
        };
        assert_eq!(elsewhere(place::<city::Entity>(&[])), [true, true]);
        assert_eq!(elsewhere(place::<assistant::Entity>(&[])), [true, true]);
        assert_eq!(elsewhere(place::<user::Entity>(&[])), [false, false]);
    }

    #[test]
    fn a_write_deep_within_meets_what_is_read_of_the_outermost_row() {
        let within = Some(Tag::inside("assistants", ASSISTANT));
        assert_eq!(place::<value::Entity>(&[ASSISTANT, ENTITY]).within(), within);
        assert_eq!(place::<entity::Entity>(&[ASSISTANT]).within(), within);
        assert_eq!(place::<assistant::Entity>(&[]).within(), None);
    }

    #[test]
    fn a_resource_says_what_of_it_is_kept() {
        let kept = |place: Place<'_>| [Wanted::Row(VALUE), Wanted::List("")].map(|wanted| place.key(wanted).is_some());
        assert_eq!(kept(place::<city::Entity>(&[])), [true, true]);
        assert_eq!(kept(place::<assistant::Entity>(&[])), [true, false]);
        assert_eq!(kept(place::<user::Entity>(&[])), [false, false]);
    }
}

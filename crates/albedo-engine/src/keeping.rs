//! What an answer depends on, and what a write changes: the two that have to fit each other.
//!
//! Pure: descriptions and ids in, tags out. A row that goes takes those beneath it along, and changes those that refer to
//! it; so an answer depends on the rows above it, and on every table that it can be reached from.

use std::hash::{DefaultHasher, Hash, Hasher};

use albedo_core::cache::{Key, Part, Tag, Terms};
use albedo_core::field::Field;
use albedo_entities::{Description, registry};
use uuid::Uuid;

/// Where a request stands: who asks, and below which rows, outermost first.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    pub(crate) description: &'static Description,
    pub(crate) computed: &'static [Field],
    pub(crate) computed_from: &'static [fn() -> &'static Description],
    pub(crate) caller: Uuid,
    pub(crate) parents: &'p [Uuid],
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'w> {
    /// A row.
    Row(Uuid),
    /// A list, as its query asks for it.
    List(&'w str),
}

/// What a write does to a row.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    /// A new row.
    Create,
    /// Other values.
    Update(Uuid),
    /// A row less, and all beneath it.
    Delete(Uuid),
    /// The way back of a deleted row, and of all beneath it.
    Restore(Uuid),
}

impl<'p> Place<'p> {
    /// Where a request for rows stands of which nothing is computed.
    #[must_use]
    pub const fn of(description: &'static Description, caller: Uuid, parents: &'p [Uuid]) -> Self {
        Self { description, computed: &[], computed_from: &[], caller, parents }
    }

    /// What the answer is called; `None` where it is not kept.
    pub(crate) fn key(&self, wanted: Wanted<'_>) -> Option<Key> {
        let ttl = self.description.cache_ttl;
        let kept = match wanted {
            Wanted::Row(_) => ttl.is_none_or(|ttl| !ttl.is_zero()),
            Wanted::List(_) => ttl.is_some_and(|ttl| !ttl.is_zero()),
        };
        // What it is computed from may have writes that nobody is told of.
        let told = self.sources().all(|source| source.cache_ttl.is_none_or(|ttl| !ttl.is_zero()));
        (kept && told).then(|| Key {
            table: (self.description.table)(),
            // What is computed may be so for one caller alone, whoever the row belongs to.
            owner: (self.description.is_owned() || !self.computed.is_empty()).then_some(self.caller),
            parents: self.parents.to_vec(),
            part: match wanted {
                Wanted::Row(id) => Part::Row(id),
                Wanted::List(query) => Part::List(query.into()),
            },
        })
    }

    /// What the answer depends on, and how long it may be kept.
    #[must_use]
    pub fn terms(&self, wanted: Wanted<'_>) -> Terms {
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
        for source in self.sources() {
            self.depend_on(source, wanted, &mut tags);
        }
        Terms { tags, time_to_live: self.description.cache_ttl, shape: shape(self) }
    }

    /// What the answer depends on, where it may be read from a replica of the database. What is never kept has writes that
    /// nobody is told of, and so has what clients cannot write.
    pub(crate) fn read_elsewhere(&self, wanted: Wanted<'_>) -> Option<Vec<Tag>> {
        let told = |description: &Description| {
            description.methods.writes() && description.cache_ttl.is_none_or(|ttl| !ttl.is_zero())
        };
        (told(self.description) && self.sources().all(told)).then(|| self.terms(wanted).tags)
    }

    fn sources(&self) -> impl Iterator<Item = &'static Description> {
        self.computed_from.iter().map(|source| source())
    }

    /// Adds what of another resource an answer depends on that is computed from its rows.
    fn depend_on(&self, source: &Description, wanted: Wanted<'_>, tags: &mut Vec<Tag>) {
        let (table, own) = ((source.table)(), (self.description.table)());
        let is_below = source.parents().next().is_some_and(|parent| (parent.table)() == own);
        tags.push(match wanted {
            Wanted::Row(id) if is_below => Tag::list(table, id),
            Wanted::Row(_) | Wanted::List(_) => Tag::any(table),
        });
        for (above, crossed) in reach(source) {
            // Below a row, what goes with it or comes back with it goes and comes with the answer itself.
            for tag in [Some(Tag::table(above)), (crossed || !is_below).then(|| Tag::gone(above))].into_iter().flatten()
            {
                if !tags.contains(&tag) {
                    tags.push(tag);
                }
            }
        }
    }

    /// Any write of a row, for what is computed from all of them.
    pub(crate) fn any(&self) -> Tag {
        Tag::any((self.description.table)())
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
fn shape(resource: &Place<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    for field in resource.description.fields.iter().chain(resource.computed) {
        (field.name, field.nullable, field.uses.view).hash(&mut hasher);
        format!("{:?}", field.kind).hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use albedo_core::field::Kind;
    use albedo_entities::{Resource, assistant, city, entity, user, value};

    use super::*;

    const CALLER: Uuid = Uuid::from_u128(1);
    const ASSISTANT: Uuid = Uuid::from_u128(2);
    const ENTITY: Uuid = Uuid::from_u128(3);
    const VALUE: Uuid = Uuid::from_u128(4);

    fn place<R: Resource>(parents: &[Uuid]) -> Place<'_> {
        Place::of(R::description(), CALLER, parents)
    }

    /// The same, with something that is computed from rows of another resource.
    fn computed<S: Resource>(mut place: Place<'_>) -> Place<'_> {
        place.computed_from = &[S::description];
        place
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
    fn what_is_computed_changes_with_what_it_is_computed_from() {
        let (above, values) = (place::<entity::Entity>(&[ASSISTANT]), place::<value::Entity>(&[ASSISTANT, ENTITY]));
        let computed_above = computed::<value::Entity>(above);
        for change in [Change::Create, Change::Update(VALUE), Change::Delete(VALUE)] {
            assert!(!meets(above, Wanted::Row(ENTITY), values, change));
            assert!(meets(computed_above, Wanted::Row(ENTITY), values, change), "{change:?}");
            let other = place::<value::Entity>(&[ASSISTANT, VALUE]);
            assert!(!meets(computed_above, Wanted::Row(ENTITY), other, change), "{change:?}: another entity");
            assert!(computed_above.terms(Wanted::List("")).tags.contains(&values.any()));
        }
        // Where the rows stand elsewhere, each of them may be one that counts.
        let city = computed::<value::Entity>(place::<city::Entity>(&[]));
        assert!(city.terms(Wanted::Row(VALUE)).tags.contains(&values.any()));
        assert!(meets(city, Wanted::Row(VALUE), place::<assistant::Entity>(&[]), Change::Delete(ASSISTANT)));
        // Which of them count may depend on who asks.
        static COMPUTED: [Field; 1] = [Field::shown("values", Kind::Integer64, "")];
        let counted = Place { computed: &COMPUTED, ..city };
        let others = Place { caller: ASSISTANT, ..counted };
        assert_ne!(counted.key(Wanted::Row(VALUE)), others.key(Wanted::Row(VALUE)));
        assert_eq!(city.key(Wanted::Row(VALUE)), Place { caller: ASSISTANT, ..city }.key(Wanted::Row(VALUE)));
        // Users are written past the services.
        let of_users = computed::<user::Entity>(place::<city::Entity>(&[]));
        assert_eq!((of_users.key(Wanted::Row(VALUE)), of_users.read_elsewhere(Wanted::Row(VALUE))), (None, None));
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

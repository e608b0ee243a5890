//! SQLite's stored texts in an order that does not depend on how the database came to be.

use crate::run::version_table::{DETAILS, VERSIONS};
use crate::schema::stored::Stored;
use crate::settings::Excluded;

/// Tables by name, then indexes, views and triggers. SQLite looks up the names in a view when it is read, so their order
/// means nothing.
pub(super) fn statements(stored: &Stored, excluded: &Excluded) -> Vec<String> {
    let is_ours = |name: &String| [VERSIONS, DETAILS].contains(&name.as_str()) || excluded.contains(name);
    let tables = stored.tables.iter().filter(|(name, _)| !is_ours(name)).map(|(_, sql)| sql.clone());
    let mut list: Vec<String> = tables.collect();
    for objects in [&stored.indexes, &stored.views, &stored.triggers] {
        let mut objects: Vec<_> = objects.iter().filter(|object| !is_ours(&object.table)).collect();
        objects.sort_by(|a, b| a.name.cmp(&b.name));
        list.extend(objects.into_iter().map(|object| object.sql.clone()));
    }
    list
}

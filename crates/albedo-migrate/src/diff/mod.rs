//! Two schemas compared: the operations that lead from one to the other, and what a person should know of them.
//!
//! [`diff`] is a function of values. It knows no database and asks nobody: renames and fills are given as [`Hints`], and
//! what is missing comes back as [`Remark`]s. The operations are applied onto the first schema while they are made, so
//! a list that does not fit is an error here and never reaches a file.

mod cast;
mod changes;
mod columns;
mod constraints;
mod draft;
mod enums;
pub mod expression;
mod fill;
mod hints;
mod lens;
mod tables;
mod told;

pub use changes::{Change, Difference, Remark};
pub use fill::neutral;
pub use hints::{Fill, Hints, Rename, Unfilled};
pub use lens::Lens;

use crate::error::Result;
use crate::schema::Schema;

/// What leads from `before` to `after`.
///
/// The order of columns and of constraints is no difference: no database changes it without making the table anew, and
/// nothing but `SELECT *` can tell.
///
/// # Errors
/// When a hint names something that is not there, or one of the schemas contradicts itself.
pub fn diff(before: &Schema, after: &Schema, hints: &Hints) -> Result<Difference> {
    let mut draft = draft::Draft::new(before, after, hints);
    tables::rename(&mut draft)?;
    enums::rename_values(&mut draft)?;
    columns::rename(&mut draft)?;
    let fate = columns::fate(&draft);
    constraints::take_away(&mut draft, &fate)?;
    tables::drop(&mut draft)?;
    columns::drop(&mut draft, &fate)?;
    enums::begin(&mut draft)?;
    columns::alter(&mut draft)?;
    columns::add(&mut draft, &fate)?;
    constraints::put_keys(&mut draft)?;
    tables::create(&mut draft)?;
    constraints::put_foreign_keys(&mut draft)?;
    tables::comment(&mut draft)?;
    enums::end(&mut draft)?;
    Ok(draft.finish())
}

/// Whether nothing leads from one to the other, seen through the lens.
///
/// # Errors
/// As [`diff`].
pub fn same(one: &Schema, other: &Schema, lens: Lens) -> Result<bool> {
    Ok(diff(one, other, &Hints { lens, ..Hints::default() })?.is_empty())
}

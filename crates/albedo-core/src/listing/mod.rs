//! What a list is asked for, as values: which page, which rows, in which order. No SQL.
//!
//! [`read`] makes a [`ListRequest`] from the text of a query, held against the field table; a repository turns it into SQL.

mod cursor;
mod filter;
mod page;
mod query;
mod request;
mod showing;
mod sort;

pub use cursor::{Anchor, At, Cursors, Ground, Side, Walk};
pub use filter::{Filter, MAX_VALUES, Operator, Test};
pub use page::{Page, PageRequest};
pub use query::{Pair, pairs};
pub use request::{Count, Limits, ListRequest, Listed, read, read_row};
pub use showing::{Selection, Showing, Shown};
pub use sort::{Direction, SortKey};

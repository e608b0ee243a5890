//! Running: the only rooms that change a database.
//!
//! `Runner` plans and walks the steps; a `Session` carries every statement either to a connection, or onto the pages of
//! a script, or to both. Whoever adds a command comes here; whoever adds an operation does not.

mod adopt;
mod database_error;
mod goal;
mod load;
mod lock;
pub mod maintenance;
mod offline;
pub mod options;
mod perform;
pub mod replay;
mod runner;
pub mod seaorm;
mod session;
pub mod shadow;
mod stamp;
mod step;
pub mod verify;
pub mod version_table;

pub use database_error::connect;
pub use goal::Goal;
pub use offline::{Script, script};
pub use options::{Event, Limits, Options};
pub use replay::Replay;
pub use runner::{Report, Runner};
pub use shadow::{Shadow, Shadows};
pub use version_table::{Row, State};

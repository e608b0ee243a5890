//! Passwords, tokens and the keys behind them. No user and no session is known here, and nothing is stored.

pub mod keys;
pub mod password;
pub mod refresh;
pub mod seal;
pub mod token;

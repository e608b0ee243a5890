//! The words that every floor speaks. No HTTP, no tables.
//!
//! Read in this order: [`field`] and [`scalar`] say what values are, [`fault`] what can be wrong with them, [`body`] and
//! [`listing`] read what clients send.

pub mod body;
pub mod cache;
pub mod claim;
pub mod database;
pub mod fault;
pub mod field;
pub mod listing;
pub mod pattern;
pub mod rate;
pub mod redis;
pub mod scalar;
pub mod security;
pub mod settings;
pub mod telemetry;

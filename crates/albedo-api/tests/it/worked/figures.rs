//! How much river a city has; in a project, `crates/albedo-services/src/figures.rs`.

use albedo_services::{ServiceError, Services};
use serde::Serialize;
use uuid::Uuid;

use super::rivers::Rivers;

/// What was measured.
#[derive(Debug, Serialize)]
pub struct RiverFigures {
    rivers: i64,
    length: i64,
}

/// Measures the rivers of a city.
///
/// # Errors
/// When the database does not answer.
pub async fn river_figures(services: &Services, city: Uuid) -> Result<RiverFigures, ServiceError> {
    let (rivers, length) = Rivers::on(services.database().read()).measured(city).await?;
    Ok(RiverFigures { rivers, length })
}

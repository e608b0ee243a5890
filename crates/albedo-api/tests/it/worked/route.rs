//! A route of one's own; in a project, `crates/albedo-api/src/controllers/figures.rs`.

use albedo_core::field::{Field, Kind};
use albedo_entities::city;
use albedo_http::controllers::{Own, OwnRequest};
use albedo_http::error::ApiError;

use super::figures::{RiverFigures, river_figures};

/// `GET /cities/{city_id}/river-figures`.
#[must_use]
pub fn measure_rivers() -> Own {
    static FIELDS: [Field; 2] = [
        Field { example: Some("2"), ..Field::shown("rivers", Kind::Integer64, "How many there are.") },
        Field { example: Some("1904"), ..Field::shown("length", Kind::Integer64, "Kilometres, all together.") },
    ];
    Own::get_of_row(city::Entity, "river-figures", figures)
        .says("Measure the rivers of a city", "How many flow through it, and how long they are.")
        .answers("RiverFigures", "What was measured.", &FIELDS)
}

async fn figures(asked: OwnRequest) -> Result<RiverFigures, ApiError> {
    Ok(river_figures(&asked.services, asked.id).await?)
}

//! (placeholder until the pages are built)
/// The documents.
pub struct Documents;
impl Documents {
    /// New.
    pub fn new(_: Vec<u8>) -> Self {
        Self
    }
}
/// Routes.
pub fn configure(_: &mut actix_web::web::ServiceConfig) {}

//! (placeholder until the document is built)
/// The document.
pub fn json(_: &[&'static albedo_entities::Description]) -> Vec<u8> {
    Vec::new()
}

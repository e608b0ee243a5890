//! The resources with their rules, as the rest of the program knows them: one line each.
//!
//! Functions without parameters of type, so that what a resource needs of its own is compiled here, beside its rules, and once.
//! Whoever names the types elsewhere has it compiled there as well, after each edit of a rule: seven hundred functions each.

use albedo_engine::Served;

use crate::rows::served;

macro_rules! resources {
    ($($name:ident,)+) => {
        $(
            #[doc = concat!("`albedo_entities::", stringify!($name), "`, with its rules.")]
            #[must_use]
            pub fn $name() -> Served {
                served::<albedo_entities::$name::Entity>()
            }
        )+
    };
}

resources! {
    assistant,
    audit_event,
    city,
    entity,
    user,
    value,
}

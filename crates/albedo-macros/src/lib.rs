//! The attributes that turn a SeaORM entity into a resource: `#[resource]` for tables, `#[choice]` for enumerations.
//!
//! What they write is plain code over the public items of `albedo-core` and `albedo-entities`, and can be written by hand.
//! A fault is a compile error at the token that holds it, and says what is known.

mod choice;
mod faults;
mod resource;

use proc_macro::TokenStream;

/// Makes a resource of a SeaORM dense entity. Stands above `#[sea_orm::model]`, and in its place: relations are read here, and
/// SeaORM's second model of a row (`ModelEx`, `ActiveModelEx`, `EntityLoader`, `COLUMN`) is not made.
///
/// Keys: `path`, `tag`, `name`, `parent`, `unique` (may repeat), `owner`, `methods`, `read`, `write`, `require_if_match`, `cache_ttl`,
/// `default_sort`, `soft_delete`, `audit`, `expand`, `create`, `update`. Keys of a field, in `#[api(...)]`: `create`, `update`, `filter`, `sort`, `search`,
/// `hidden`, `write_only`, `default`, `min`, `max`, `min_len`, `max_len`, `max_items`, `item_max_len`, `pattern`, `email`,
/// `url`, `one_of`, `example`. The doc comment of a field is its description.
///
/// Writes `Create<Name>`, `Update<Name>` and `<Name>View` with their conversions, the field table, `impl Resource`,
/// `Relation` and `Related`, and the empty `ActiveModelBehavior`.
#[proc_macro_attribute]
pub fn resource(keys: TokenStream, item: TokenStream) -> TokenStream {
    resource::expand(keys.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a column type of an enumeration without values: stored, sent and filtered as its variant's name in snake case.
#[proc_macro_attribute]
pub fn choice(keys: TokenStream, item: TokenStream) -> TokenStream {
    choice::expand(&keys.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

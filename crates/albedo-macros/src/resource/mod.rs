//! `#[resource]`: read the keys, read the fields, hold the ones against the others, write the code.

mod api;
mod field;
mod keys;
mod literal;
mod write;

use proc_macro2::TokenStream;
use syn::{Error, Fields, ItemStruct, Result};

use self::field::FieldDeclaration;
use self::keys::Keys;
use crate::faults::Faults;

pub(crate) fn expand(keys: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let mut model: ItemStruct = syn::parse2(item)?;
    let mut faults = Faults::default();
    let keys = Keys::read(keys, &mut faults);
    if !model.attrs.iter().any(|attribute| attribute.path().segments.last().is_some_and(|last| last.ident == "model")) {
        faults.at(&model.ident, "`#[resource]` stands above `#[sea_orm::model]`");
    }
    let Fields::Named(named) = &mut model.fields else {
        return Err(Error::new_spanned(&model, "a resource is a struct with named fields"));
    };
    let fields: Vec<_> =
        named.named.iter_mut().filter_map(|field| FieldDeclaration::take(field, &mut faults)).collect();
    keys.check_against(&model.ident, &fields, &mut faults);
    faults.none_or(())?;
    let made = write::code(&keys, &fields, &model);
    Ok(quote::quote! { #model #made })
}

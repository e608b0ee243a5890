//! `#[resource]`: read the keys, read the fields, hold the ones against the others, write the code.

mod api;
mod field;
mod keys;
mod literal;
mod relation;
mod write;

use proc_macro2::TokenStream;
use syn::{Attribute, Error, Fields, ItemStruct, Result};

use self::field::FieldDeclaration;
use self::keys::Keys;
use crate::faults::Faults;

pub(crate) fn expand(keys: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let mut model: ItemStruct = syn::parse2(item)?;
    let mut faults = Faults::default();
    let keys = Keys::read(keys, &mut faults);
    if !model.attrs.iter().any(is_model) {
        faults.at(&model.ident, "`#[resource]` stands above `#[sea_orm::model]`");
    }
    if field::has_key(&model.attrs, &["model_attrs", "model_ex_attrs"]) {
        let message = "there is one model under `#[resource]`; write its attributes above it, without `model_attrs`";
        faults.at(&model.ident, message);
    }
    let Fields::Named(named) = &mut model.fields else {
        return Err(Error::new_spanned(&model, "a resource is a struct with named fields"));
    };
    let fields: Vec<_> =
        named.named.iter_mut().filter_map(|field| FieldDeclaration::take(field, &mut faults)).collect();
    keys.check_against(&model.ident, &fields, &mut faults);
    faults.none_or(())?;
    let made = write::code(&keys, &fields, &model);
    // `#[sea_orm::model]` says what the struct is written in; what it would write is written here, and less of it.
    model.attrs.retain(|attribute| !is_model(attribute));
    if let Fields::Named(named) = &mut model.fields {
        let declared = std::mem::take(&mut named.named).into_iter().zip(&fields);
        named.named = declared.filter(|(_, field)| field.is_column()).map(|(field, _)| field).collect();
    }
    Ok(quote::quote! { #model #made })
}

fn is_model(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == "model")
}

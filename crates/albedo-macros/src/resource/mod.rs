//! `#[resource]`: read the keys, read the fields, write the code.

mod field;
mod keys;
mod write;

use proc_macro2::TokenStream;
use syn::{Error, Fields, ItemStruct, Result};

use self::field::FieldDeclaration;
use self::keys::Keys;

pub(crate) fn expand(keys: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let mut model: ItemStruct = syn::parse2(item)?;
    let keys = Keys::read(keys)?;
    if !model.attrs.iter().any(|attribute| attribute.path().segments.last().is_some_and(|last| last.ident == "model")) {
        return Err(Error::new_spanned(&model.ident, "`#[resource]` stands above `#[sea_orm::model]`"));
    }
    let Fields::Named(named) = &mut model.fields else {
        return Err(Error::new_spanned(&model, "a resource is a struct with named fields"));
    };
    // All faults at once, as the validation of bodies does it.
    let mut faults: Option<Error> = None;
    let mut fields = Vec::new();
    for declared in &mut named.named {
        match FieldDeclaration::take(declared) {
            Ok(field) => fields.push(field),
            Err(error) => match &mut faults {
                Some(faults) => faults.combine(error),
                None => faults = Some(error),
            },
        }
    }
    if let Some(faults) = faults {
        return Err(faults);
    }
    keys.check_against(&fields)?;
    let made = write::code(&keys, &fields, &model)?;
    Ok(quote::quote! { #model #made })
}

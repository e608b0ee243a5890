//! `#[choice]`: an enumeration as a column type.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Fields, ItemEnum, Result};

pub(crate) fn expand(keys: TokenStream, item: TokenStream) -> Result<TokenStream> {
    if !keys.is_empty() {
        return Err(Error::new_spanned(keys, "`#[choice]` has no keys"));
    }
    let choice: ItemEnum = syn::parse2(item)?;
    if let Some(variant) = choice.variants.iter().find(|variant| !matches!(variant.fields, Fields::Unit)) {
        return Err(Error::new_spanned(variant, "a choice is a plain name; this variant holds values"));
    }
    let name = &choice.ident;
    let texts: Vec<String> = choice.variants.iter().map(|variant| snake_case(&variant.ident.to_string())).collect();
    let variants = choice.variants.iter().zip(&texts).map(|(variant, text)| {
        quote! { #[sea_orm(string_value = #text)] #variant }
    });
    let idents = choice.variants.iter().map(|variant| &variant.ident);
    let (attributes, visibility) = (&choice.attrs, &choice.vis);
    Ok(quote! {
        #(#attributes)*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash,
            ::sea_orm::EnumIter, ::sea_orm::DeriveActiveEnum, ::serde::Serialize, ::serde::Deserialize,
        )]
        #[sea_orm(rs_type = "String", db_type = "String(::sea_orm::sea_query::StringLen::N(32))")]
        #[serde(rename_all = "snake_case")]
        #visibility enum #name { #(#variants),* }

        impl #name {
            /// The name as it is stored and sent.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { #(Self::#idents => #texts),* }
            }
        }

        impl ::albedo_core::field::FieldType for #name {
            const KIND: ::albedo_core::field::Kind = ::albedo_core::field::Kind::Choice(&[#(#texts),*]);
        }
    })
}

/// `TwoWords` as `two_words`, the way serde's `snake_case` reads it.
fn snake_case(name: &str) -> String {
    let mut text = String::new();
    for (index, letter) in name.char_indices() {
        if letter.is_uppercase() && index > 0 {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

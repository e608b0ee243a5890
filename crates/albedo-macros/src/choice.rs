//! `#[choice]`: an enumeration as a column type.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Fields, ItemEnum, Result};

use crate::faults::Faults;

/// The width of the column.
const WIDTH: usize = 32;

pub(crate) fn expand(keys: &TokenStream, item: TokenStream) -> Result<TokenStream> {
    let choice: ItemEnum = syn::parse2(item)?;
    let name = &choice.ident;
    let texts: Vec<String> = choice.variants.iter().map(|variant| snake_case(&variant.ident.to_string())).collect();
    let mut faults = Faults::default();
    if !keys.is_empty() {
        faults.at(keys, "`#[choice]` has no keys");
    }
    if choice.variants.is_empty() {
        faults.at(name, "a choice has at least one variant");
    }
    for (variant, text) in choice.variants.iter().zip(&texts) {
        if !matches!(variant.fields, Fields::Unit) {
            faults.at(variant, "a choice is a plain name; this variant holds values");
        }
        if text.chars().count() > WIDTH {
            faults.at(variant, format!("`{text}` is longer than the {WIDTH} characters of the column"));
        }
    }
    faults.none_or(())?;
    let variants = choice.variants.iter().zip(&texts).map(|(variant, text)| {
        quote! { #[sea_orm(string_value = #text)] #variant }
    });
    let idents = choice.variants.iter().map(|variant| &variant.ident);
    let column_type = format!("String(::sea_orm::sea_query::StringLen::N({WIDTH}))");
    let (attributes, visibility) = (&choice.attrs, &choice.vis);
    Ok(quote! {
        #(#attributes)*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash,
            ::sea_orm::EnumIter, ::sea_orm::DeriveActiveEnum, ::serde::Serialize, ::serde::Deserialize,
        )]
        #[sea_orm(rs_type = "String", db_type = #column_type)]
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

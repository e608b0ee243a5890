//! `#[choice]`: an enumeration as a column type.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Fields, Ident, ItemEnum, Result};

use crate::faults::Faults;

/// The width of the column.
const WIDTH: u32 = 32;

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
        if text.chars().count() > WIDTH as usize {
            faults.at(variant, format!("`{text}` is longer than the {WIDTH} characters of the column"));
        }
    }
    faults.none_or(())?;
    let (attributes, visibility, variants) = (&choice.attrs, &choice.vis, &choice.variants);
    let idents: Vec<_> = choice.variants.iter().map(|variant| &variant.ident).collect();
    let column = column(name, &idents, &texts);
    let json = json(name, &idents, &texts);
    Ok(quote! {
        #(#attributes)*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #visibility enum #name { #variants }

        impl #name {
            /// The name as it is stored and sent.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { #(Self::#idents => #texts),* }
            }
        }

        #column

        #json

        impl ::albedo_core::field::FieldType for #name {
            const KIND: ::albedo_core::field::Kind = ::albedo_core::field::Kind::Choice(&[#(#texts),*]);
        }
    })
}

/// What SeaORM wants of a column's type. Its `DeriveActiveEnum` writes two more types, each with an iterator of its own, for
/// enumerations that the database knows as types; these are texts there.
fn column(name: &Ident, idents: &[&Ident], texts: &[String]) -> TokenStream {
    let (title, count) = (name.to_string(), idents.len());
    quote! {
        impl ::sea_orm::strum::IntoEnumIterator for #name {
            type Iterator = ::core::array::IntoIter<Self, #count>;

            fn iter() -> Self::Iterator {
                ::core::iter::IntoIterator::into_iter([#(Self::#idents),*])
            }
        }

        impl ::sea_orm::ActiveEnum for #name {
            type Value = ::std::string::String;
            type ValueVec = ::std::vec::Vec<::std::string::String>;

            fn name() -> ::sea_orm::sea_query::DynIden {
                ::sea_orm::sea_query::IntoIden::into_iden(#title)
            }

            fn to_value(&self) -> ::std::string::String {
                ::std::borrow::ToOwned::to_owned(self.text())
            }

            fn try_from_value(value: &::std::string::String) -> ::core::result::Result<Self, ::sea_orm::DbErr> {
                match value.as_str() {
                    #(#texts => ::core::result::Result::Ok(Self::#idents),)*
                    other => ::core::result::Result::Err(::sea_orm::DbErr::Type(
                        ::std::format!("unexpected value for {} enum: {other}", #title),
                    )),
                }
            }

            fn db_type() -> ::sea_orm::ColumnDef {
                ::sea_orm::ColumnTypeTrait::def(<Self as ::sea_orm::sea_query::ValueType>::column_type())
            }
        }

        impl ::core::convert::From<#name> for ::sea_orm::Value {
            fn from(value: #name) -> Self {
                ::core::convert::From::from(value.text())
            }
        }

        impl ::sea_orm::TryGetable for #name {
            fn try_get_by<I: ::sea_orm::ColIdx>(
                row: &::sea_orm::QueryResult,
                index: I,
            ) -> ::core::result::Result<Self, ::sea_orm::TryGetError> {
                let value = <::std::string::String as ::sea_orm::TryGetable>::try_get_by(row, index)?;
                <Self as ::sea_orm::ActiveEnum>::try_from_value(&value).map_err(::sea_orm::TryGetError::DbErr)
            }
        }

        impl ::sea_orm::sea_query::ValueType for #name {
            fn try_from(
                value: ::sea_orm::Value,
            ) -> ::core::result::Result<Self, ::sea_orm::sea_query::ValueTypeErr> {
                let value = <::std::string::String as ::sea_orm::sea_query::ValueType>::try_from(value)?;
                <Self as ::sea_orm::ActiveEnum>::try_from_value(&value)
                    .map_err(|_| ::sea_orm::sea_query::ValueTypeErr)
            }

            fn type_name() -> ::std::string::String {
                ::std::borrow::ToOwned::to_owned(#title)
            }

            fn array_type() -> ::sea_orm::sea_query::ArrayType {
                <::std::string::String as ::sea_orm::sea_query::ValueType>::array_type()
            }

            fn column_type() -> ::sea_orm::ColumnType {
                ::sea_orm::ColumnType::String(::sea_orm::sea_query::StringLen::N(#WIDTH))
            }
        }

        impl ::sea_orm::sea_query::Nullable for #name {
            fn null() -> ::sea_orm::Value {
                <::std::string::String as ::sea_orm::sea_query::Nullable>::null()
            }
        }

        impl ::sea_orm::IntoActiveValue<#name> for #name {
            fn into_active_value(self) -> ::sea_orm::ActiveValue<#name> {
                ::sea_orm::ActiveValue::Set(self)
            }
        }
    }
}

/// The text in JSON.
fn json(name: &Ident, idents: &[&Ident], texts: &[String]) -> TokenStream {
    quote! {
        impl ::serde::Serialize for #name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.text())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                let text = <::std::string::String as ::serde::Deserialize>::deserialize(deserializer)?;
                match text.as_str() {
                    #(#texts => ::core::result::Result::Ok(Self::#idents),)*
                    other => ::core::result::Result::Err(::serde::de::Error::unknown_variant(other, &[#(#texts),*])),
                }
            }
        }
    }
}

/// `TwoWords` as `two_words`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut text = String::new();
    for (index, letter) in name.char_indices() {
        if letter.is_uppercase() && index > 0 {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

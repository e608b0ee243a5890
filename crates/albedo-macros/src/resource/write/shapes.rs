//! The bodies that clients send and the view that they get.
//!
//! `Serialize` and `Deserialize` are written here: what serde derives is more than ten times as much code, compiled for
//! each resource.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;

use crate::resource::field::FieldDeclaration;
use crate::resource::keys::Keys;

/// `CreateCity`, `UpdateCity` and `CityView`, with their conversions.
pub(super) fn shapes(keys: &Keys, columns: &[&FieldDeclaration], schema: &str) -> TokenStream {
    let create = keys.create.is_none().then(|| create_shape(columns, schema));
    let update = keys.update.is_none().then(|| update_shape(columns, schema));
    let view = view_shape(columns, schema);
    quote! { #create #update #view }
}

fn create_shape(columns: &[&FieldDeclaration], schema: &str) -> TokenStream {
    let name = format_ident!("Create{schema}");
    let sent: Vec<_> = columns.iter().filter(|field| field.api.create).collect();
    let declared = sent.iter().map(|field| {
        let (ident, ty, text) = (&field.ident, &field.ty, &field.description);
        quote! { #[doc = #text] pub #ident: #ty }
    });
    let read = deserialize(&name, &sent, |field| {
        if field.is_option() { quote!(parts.present()?.unwrap_or_default()) } else { quote!(parts.required()?) }
    });
    let idents = sent.iter().map(|field| &field.ident);
    let doc = format!("What a client sends to make a {schema}.");
    quote! {
        #[doc = #doc]
        #[derive(Clone, Debug)]
        pub struct #name { #(#declared),* }

        #read

        impl ::sea_orm::IntoActiveModel<ActiveModel> for #name {
            fn into_active_model(self) -> ActiveModel {
                ActiveModel {
                    #(#idents: ::sea_orm::ActiveValue::Set(self.#idents),)*
                    ..::core::default::Default::default()
                }
            }
        }
    }
}

fn update_shape(columns: &[&FieldDeclaration], schema: &str) -> TokenStream {
    let name = format_ident!("Update{schema}");
    let sent: Vec<_> = columns.iter().filter(|field| field.api.update).collect();
    let declared = sent.iter().map(|field| {
        let (ident, ty, text) = (&field.ident, &field.ty, &field.description);
        quote! {
            #[doc = #text]
            pub #ident: ::core::option::Option<#ty>
        }
    });
    let read = deserialize(&name, &sent, |_| quote!(parts.present()?));
    let idents = sent.iter().map(|field| &field.ident);
    let doc = format!("What a client sends to change a {schema}: absent keeps, `null` clears.");
    quote! {
        #[doc = #doc]
        #[derive(Clone, Debug, Default)]
        pub struct #name { #(#declared),* }

        #read

        impl ::sea_orm::IntoActiveModel<ActiveModel> for #name {
            fn into_active_model(self) -> ActiveModel {
                let mut row = <ActiveModel as ::core::default::Default>::default();
                #(if let ::core::option::Option::Some(value) = self.#idents {
                    row.#idents = ::sea_orm::ActiveValue::Set(value);
                })*
                row
            }
        }
    }
}

fn view_shape(columns: &[&FieldDeclaration], schema: &str) -> TokenStream {
    let name = format_ident!("{schema}View");
    let shown: Vec<_> = columns.iter().filter(|field| field.is_shown()).collect();
    let declared = shown.iter().map(|field| {
        let (ident, ty, text) = (&field.ident, &field.ty, &field.description);
        quote! { #[doc = #text] pub #ident: #ty }
    });
    let idents: Vec<_> = shown.iter().map(|field| &field.ident).collect();
    let (title, names, count) = (name.to_string(), shown.iter().map(|field| field.name()), shown.len());
    let doc = format!("A {schema} as clients see it.");
    quote! {
        #[doc = #doc]
        #[derive(Clone, Debug)]
        pub struct #name { #(#declared),* }

        impl ::serde::Serialize for #name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                let mut shown = ::serde::Serializer::serialize_struct(serializer, #title, #count)?;
                #(::serde::ser::SerializeStruct::serialize_field(
                    &mut shown, #names, &::albedo_core::field::Shown(&self.#idents),
                )?;)*
                ::serde::ser::SerializeStruct::end(shown)
            }
        }

        impl ::core::convert::From<Model> for #name {
            fn from(row: Model) -> Self {
                Self { #(#idents: row.#idents),* }
            }
        }
    }
}

/// How a body is read, each field by the expression that `take` gives for it.
fn deserialize(
    name: &Ident,
    sent: &[&&FieldDeclaration],
    take: impl Fn(&FieldDeclaration) -> TokenStream,
) -> TokenStream {
    let (idents, names) = (sent.iter().map(|field| &field.ident), sent.iter().map(|field| field.name()));
    let values = sent.iter().map(|field| take(field));
    let unused = sent.is_empty().then(|| quote!(let _ = parts;));
    quote! {
        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                let mut parts = ::albedo_core::body::Parts::read(deserializer, &[#(#names),*])?;
                #unused
                ::core::result::Result::Ok(Self { #(#idents: #values),* })
            }
        }
    }
}

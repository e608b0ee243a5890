//! The bodies that clients send and the view that they get.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

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
        let absent = field.is_option().then(|| quote!(#[serde(default)]));
        quote! { #[doc = #text] #absent pub #ident: #ty }
    });
    let idents = sent.iter().map(|field| &field.ident);
    let doc = format!("What a client sends to make a {schema}.");
    quote! {
        #[doc = #doc]
        #[derive(Clone, Debug, ::serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct #name { #(#declared),* }

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
            #[serde(default, deserialize_with = "::albedo_core::body::present")]
            pub #ident: ::core::option::Option<#ty>
        }
    });
    let idents = sent.iter().map(|field| &field.ident);
    let doc = format!("What a client sends to change a {schema}: absent keeps, `null` clears.");
    quote! {
        #[doc = #doc]
        #[derive(Clone, Debug, Default, ::serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct #name { #(#declared),* }

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
        quote! { #[doc = #text] #[serde(serialize_with = "::albedo_core::field::write")] pub #ident: #ty }
    });
    let idents = shown.iter().map(|field| &field.ident);
    let doc = format!("A {schema} as clients see it.");
    quote! {
        #[doc = #doc]
        #[derive(Clone, Debug, ::serde::Serialize)]
        pub struct #name { #(#declared),* }

        impl ::core::convert::From<Model> for #name {
            fn from(row: Model) -> Self {
                Self { #(#idents: row.#idents),* }
            }
        }
    }
}

//! The field table, and the question to the compiler whether each field fits its type.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;

use crate::resource::field::{FieldDeclaration, option};
use crate::resource::keys::Keys;

/// The static table of fields, and the order that lists have by themselves; hidden ones are no field at all for clients.
pub(super) fn field_table(keys: &Keys, columns: &[&FieldDeclaration]) -> TokenStream {
    let known: Vec<_> = columns.iter().filter(|field| !field.api.hidden).collect();
    let patterns = known.iter().filter_map(|field| {
        let pattern = field.api.pattern.as_ref()?;
        let name = pattern_name(field);
        Some(quote! {
            static #name: ::albedo_core::field::Pattern = ::albedo_core::field::Pattern::new(#pattern);
        })
    });
    let rows = known.iter().map(|field| field_row(field));
    let checks = known.iter().enumerate().map(|(index, field)| type_check(index, field));
    let count = known.len();
    let sort = keys.default_sort.iter().filter_map(|(descending, column)| {
        let index = known.iter().position(|field| &field.ident == column)?;
        Some(quote!((&FIELDS[#index], #descending)))
    });
    let sort_count = keys.default_sort.len();
    quote! {
        #(#patterns)*
        static FIELDS: [::albedo_core::field::Field; #count] = [#(#rows),*];
        static SORT: [(&::albedo_core::field::Field, bool); #sort_count] = [#(#sort),*];

        impl Entity {
            #[doc(hidden)]
            pub(super) const fn made_fields() -> &'static [::albedo_core::field::Field] {
                &FIELDS
            }

            #[doc(hidden)]
            pub(super) const fn made_sort() -> &'static [(&'static ::albedo_core::field::Field, bool)] {
                &SORT
            }
        }

        #(#checks)*
    }
}

fn field_row(field: &FieldDeclaration) -> TokenStream {
    let api = &field.api;
    let (name, ty, text) = (field.name(), &field.ty, &field.description);
    let (create, update, filter, sort, search) = (api.create, api.update, api.filter, api.sort, api.search);
    let view = field.is_shown();
    let required = create && api.default.is_none() && !field.is_option();
    let (default, example) = (option(api.default.as_ref()), option(api.example.as_ref()));
    let (min, max) = (option(api.min), option(api.max));
    let (min_len, max_len) = (option(api.min_len), option(api.max_len));
    let (max_items, item_max_len) = (option(api.max_items), option(api.item_max_len));
    let one_of = &api.one_of;
    let pattern = option(api.pattern.as_ref().map(|_| {
        let name = pattern_name(field);
        quote!(&#name)
    }));
    let format = option(api.format.map(|format| {
        let format = Ident::new(format, Span::call_site());
        quote!(::albedo_core::field::Format::#format)
    }));
    quote! {
        ::albedo_core::field::Field {
            name: #name,
            kind: <#ty as ::albedo_core::field::FieldType>::KIND,
            nullable: <#ty as ::albedo_core::field::FieldType>::NULLABLE,
            required: #required,
            uses: ::albedo_core::field::Uses {
                create: #create, update: #update, view: #view, filter: #filter, sort: #sort, search: #search,
            },
            bounds: ::albedo_core::field::Bounds {
                min_len: #min_len, max_len: #max_len, min: #min, max: #max,
                max_items: #max_items, item_max_len: #item_max_len,
                pattern: #pattern, format: #format, one_of: &[#(#one_of),*],
            },
            description: #text,
            example: #example,
            default: #default,
        }
    }
}

fn pattern_name(field: &FieldDeclaration) -> Ident {
    format_ident!("PATTERN_OF_{}", field.name().to_uppercase())
}

/// What only the compiler can know: whether the keys fit a type that is not spelled as one of ours. The fault shows at the
/// field.
fn type_check(index: usize, field: &FieldDeclaration) -> TokenStream {
    quote_spanned! {field.ident.span()=>
        const _: () = if let ::core::option::Option::Some(reason) = FIELDS[#index].misfit() {
            ::core::panic!("{}", reason)
        };
    }
}

//! The code that `#[resource]` adds beside the entity.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Error, Ident, ItemStruct, Result};

use super::field::{FieldDeclaration, description, option};
use super::keys::Keys;

pub(crate) fn code(keys: &Keys, fields: &[FieldDeclaration], model: &ItemStruct) -> Result<TokenStream> {
    let columns: Vec<_> = fields.iter().filter(|field| field.is_column()).collect();
    for wanted in ["id", "version", "created_at", "updated_at"] {
        if !columns.iter().any(|field| field.ident == wanted) {
            return Err(Error::new(model.ident.span(), format!("a resource has a column `{wanted}`")));
        }
    }
    let name = keys.name.as_ref().map_or_else(|| singular(&keys.tag.value()), |name| name.value());
    let schema = camel_case(&name);
    let shapes = shapes(keys, &columns, &schema);
    let table = field_table(&columns);
    let implementation = implementation(keys, fields, &columns, model, &name, &schema)?;
    let checks = columns.iter().filter_map(|field| type_check(field));
    Ok(quote! {
        impl ::sea_orm::ActiveModelBehavior for ActiveModel {}
        #shapes
        #implementation
        const _: () = {
            #table
            #(#checks)*
        };
    })
}

/// `CreateCity`, `UpdateCity` and `CityView`, with their conversions.
fn shapes(keys: &Keys, columns: &[&FieldDeclaration], schema: &str) -> TokenStream {
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
    let shown: Vec<_> = columns.iter().filter(|field| is_shown(field)).collect();
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

fn is_shown(field: &FieldDeclaration) -> bool {
    !field.api.hidden && !field.api.write_only
}

/// The static table of fields; hidden ones are no field at all for clients.
fn field_table(columns: &[&FieldDeclaration]) -> TokenStream {
    let known: Vec<_> = columns.iter().filter(|field| !field.api.hidden).collect();
    let patterns = known.iter().filter_map(|field| {
        let pattern = field.api.pattern.as_ref()?;
        let name = pattern_name(&field.ident);
        Some(quote! {
            static #name: ::albedo_core::field::Pattern = ::albedo_core::field::Pattern::new(#pattern);
        })
    });
    let rows = known.iter().map(|field| field_row(field));
    let count = known.len();
    quote! {
        #(#patterns)*
        static FIELDS: [::albedo_core::field::Field; #count] = [#(#rows),*];

        impl Entity {
            #[doc(hidden)]
            pub(super) const fn made_fields() -> &'static [::albedo_core::field::Field] {
                &FIELDS
            }
        }
    }
}

fn field_row(field: &FieldDeclaration) -> TokenStream {
    let api = &field.api;
    let (name, ty, text) = (field.ident.to_string(), &field.ty, &field.description);
    let (create, update, filter, sort, search) = (api.create, api.update, api.filter, api.sort, api.search);
    let view = is_shown(field);
    let required = create && api.default.is_none() && !field.is_option();
    let (default, example) = (option(api.default.as_ref()), option(api.example.as_ref()));
    let (min, max) = (option(api.min), option(api.max));
    let (min_len, max_len) = (option(api.min_len), option(api.max_len));
    let (max_items, item_max_len) = (option(api.max_items), option(api.item_max_len));
    let one_of = &api.one_of;
    let pattern = option(api.pattern.as_ref().map(|_| {
        let name = pattern_name(&field.ident);
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

fn pattern_name(field: &Ident) -> Ident {
    format_ident!("PATTERN_OF_{}", field.to_string().to_uppercase())
}

/// What only the compiler can know: whether the type fits the keys. The fault shows at the field.
fn type_check(field: &FieldDeclaration) -> Option<TokenStream> {
    let (api, ty, span) = (&field.api, &field.ty, field.ident.span());
    let kind = quote!(<#ty as ::albedo_core::field::FieldType>::KIND);
    let kinds = quote!(::albedo_core::field::Kind);
    let text = api.search || api.pattern.is_some() || api.min_len.or(api.max_len).is_some() || api.format.is_some();
    if text {
        return Some(quote_spanned! {span=>
            const _: () = ::core::assert!(
                ::core::matches!(#kind, #kinds::Text),
                "search, pattern, min_len, max_len, email, url and one_of want a text field",
            );
        });
    }
    if api.min.or(api.max).is_some() {
        return Some(quote_spanned! {span=>
            const _: () = ::core::assert!(
                ::core::matches!(#kind, #kinds::Integer32 | #kinds::Integer64 | #kinds::Number),
                "min and max want a number field; min_len and max_len bound a text",
            );
        });
    }
    (api.filter || api.sort).then(|| {
        quote_spanned! {span=>
            const _: () = ::core::assert!(
                !::core::matches!(#kind, #kinds::Object | #kinds::Texts),
                "an object or a list has no filters and no order",
            );
        }
    })
}

fn implementation(
    keys: &Keys,
    fields: &[FieldDeclaration],
    columns: &[&FieldDeclaration],
    model: &ItemStruct,
    name: &str,
    schema: &str,
) -> Result<TokenStream> {
    let create = keys.create.as_ref().map_or_else(|| shape_name("Create", schema), |own| quote!(#own));
    let update = keys.update.as_ref().map_or_else(|| shape_name("Update", schema), |own| quote!(#own));
    let view = format_ident!("{schema}View");
    let made_shapes = [keys.create.is_none().then_some(&create), keys.update.is_none().then_some(&update)];
    let shapes = made_shapes.into_iter().flatten().map(|shape| {
        quote! {
            impl ::albedo_entities::Shape for #shape {
                fn fields() -> &'static [::albedo_core::field::Field] {
                    Entity::made_fields()
                }
            }
        }
    });
    let owner = option(keys.owner.as_ref().map(column_of));
    let parent = option(keys.parent.as_ref().map(column_of));
    let description = description_of(keys, fields, columns, model, name, schema, (&create, &update))?;
    Ok(quote! {
        #(#shapes)*

        impl ::albedo_entities::Resource for Entity {
            type Create = #create;
            type Update = #update;
            type View = #view;

            const COLUMNS: ::albedo_entities::Columns<Column> = ::albedo_entities::Columns {
                id: Column::Id,
                version: Column::Version,
                created_at: Column::CreatedAt,
                updated_at: Column::UpdatedAt,
                owner: #owner,
                parent: #parent,
            };

            fn description() -> &'static ::albedo_entities::Description {
                #description
                &DESCRIPTION
            }

            fn identity(row: &Model) -> ::albedo_entities::Identity {
                ::albedo_entities::Identity { id: row.id, version: row.version }
            }
        }
    })
}

fn shape_name(prefix: &str, schema: &str) -> TokenStream {
    let name = format_ident!("{prefix}{schema}");
    quote!(#name)
}

fn column_of(field: &Ident) -> TokenStream {
    let variant = Ident::new(&camel_case(&field.to_string()), field.span());
    quote!(Column::#variant)
}

fn description_of(
    keys: &Keys,
    fields: &[FieldDeclaration],
    columns: &[&FieldDeclaration],
    model: &ItemStruct,
    name: &str,
    schema: &str,
    (create, update): (&TokenStream, &TokenStream),
) -> Result<TokenStream> {
    let (path, tag) = (&keys.path, &keys.tag);
    let summary = description(&model.attrs);
    let owner = option(keys.owner.as_ref().map(ToString::to_string));
    let parent = option(keys.parent.as_ref().map(|parent| parent_link(parent, fields)).transpose()?);
    let unique = keys.unique.iter().map(|columns| {
        let columns = columns.iter().map(ToString::to_string);
        quote!(&[#(#columns),*])
    });
    let references = fields.iter().filter_map(|field| {
        let (column, target) = field.belongs_to.as_ref()?;
        Some(quote! {
            ::albedo_entities::Reference {
                column: #column,
                table: || ::sea_orm::EntityName::table_name(&<#target as ::core::default::Default>::default()),
            }
        })
    });
    let methods = if keys.methods.is_empty() {
        quote!(::albedo_entities::Methods::ALL)
    } else {
        let methods = &keys.methods;
        quote!(::albedo_entities::Methods { #(#methods: true,)* ..::albedo_entities::Methods::NONE })
    };
    let role = |role: &Option<Ident>, default: &str| {
        let name = camel_case(&role.as_ref().map_or_else(|| default.to_owned(), ToString::to_string));
        let role = Ident::new(&name, Span::call_site());
        quote!(::albedo_entities::Role::#role)
    };
    let (read, write) = (role(&keys.read, "viewer"), role(&keys.write, "editor"));
    let require_if_match = keys.require_if_match;
    let default_sort = keys.default_sort.iter().map(|(descending, column)| {
        let index = columns.iter().filter(|field| !field.api.hidden).position(|field| &field.ident == column);
        match index {
            Some(index) => Ok(quote!((&Entity::made_fields()[#index], #descending))),
            None => Err(Error::new_spanned(column, "a hidden field gives no order that clients could understand")),
        }
    });
    let default_sort: Vec<_> = default_sort.collect::<Result<_>>()?;
    Ok(quote! {
        static DESCRIPTION: ::albedo_entities::Description = ::albedo_entities::Description {
            name: #name,
            schema: #schema,
            path: #path,
            tag: #tag,
            table: || ::sea_orm::EntityName::table_name(&Entity),
            summary: #summary,
            fields: Entity::made_fields(),
            create_fields: <#create as ::albedo_entities::Shape>::fields,
            update_fields: <#update as ::albedo_entities::Shape>::fields,
            owner: #owner,
            parent: #parent,
            unique: &[#(#unique),*],
            references: &[#(#references),*],
            methods: #methods,
            read: #read,
            write: #write,
            require_if_match: #require_if_match,
            default_sort: &[#(#default_sort),*],
        };
    })
}

fn parent_link(parent: &Ident, fields: &[FieldDeclaration]) -> Result<TokenStream> {
    let target = fields.iter().find_map(|field| match &field.belongs_to {
        Some((column, target)) if parent == column => Some(target),
        _ => None,
    });
    let Some(target) = target else {
        let message = format!(
            "no relation begins at `{parent}`; add a field such as \
             `#[sea_orm(belongs_to, from = \"{parent}\", to = \"id\")] pub parent: BelongsTo<super::parent::Entity>`"
        );
        return Err(Error::new_spanned(parent, message));
    };
    let column = parent.to_string();
    Ok(quote! {
        ::albedo_entities::Parent {
            column: #column,
            description: <#target as ::albedo_entities::Resource>::description,
        }
    })
}

fn camel_case(name: &str) -> String {
    name.split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
        })
        .collect()
}

/// The singular of a regular English plural; `name = "..."` tells the others.
fn singular(plural: &str) -> String {
    let word = plural.replace('-', "_");
    match (word.strip_suffix("ies"), word.strip_suffix('s')) {
        (Some(stem), _) => format!("{stem}y"),
        (None, Some(stem)) => stem.to_owned(),
        (None, None) => word,
    }
}

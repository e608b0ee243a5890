//! The code that `#[resource]` adds beside the entity.

mod relations;
mod shapes;
mod table;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Ident, ItemStruct, TypePath};

use self::relations::relations;
use self::shapes::shapes;
use self::table::field_table;
use super::field::{FieldDeclaration, description, option};
use super::keys::Keys;

/// What has been read, and the names that follow from it.
struct Declaration<'d> {
    keys: &'d Keys,
    fields: &'d [FieldDeclaration],
    model: &'d ItemStruct,
    /// Such as `city`.
    name: String,
    /// Such as `City`.
    schema: String,
}

pub(crate) fn code(keys: &Keys, fields: &[FieldDeclaration], model: &ItemStruct) -> TokenStream {
    let columns: Vec<_> = fields.iter().filter(|field| field.is_column()).collect();
    let name = keys.name.as_ref().map_or_else(|| singular(&keys.tag.value()), |name| name.value());
    let schema = camel_case(&name);
    let shapes = shapes(keys, &columns, &schema);
    let table = field_table(keys, &columns);
    let relations = relations(fields, &schema);
    let implementation = implementation(&Declaration { keys, fields, model, name, schema });
    quote! {
        impl ::sea_orm::ActiveModelBehavior for ActiveModel {}
        #relations
        #shapes
        #implementation
        const _: () = {
            #table
        };
    }
}

fn implementation(declaration: &Declaration<'_>) -> TokenStream {
    let Declaration { keys, schema, .. } = declaration;
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
    let deleted_at = option(keys.soft_delete.as_ref().map(|_| quote!(Column::DeletedAt)));
    let time = |name: &str| {
        let field = declaration.fields.iter().find(|field| field.is_column() && field.ident == name);
        option(field.map(|field| column_of(&field.ident)))
    };
    let (created_at, updated_at) = (time("created_at"), time("updated_at"));
    let description = description_of(declaration, &create, &update);
    quote! {
        #(#shapes)*

        impl ::albedo_entities::Resource for Entity {
            type Create = #create;
            type Update = #update;
            type View = #view;

            const COLUMNS: ::albedo_entities::Columns<Column> = ::albedo_entities::Columns {
                id: Column::Id,
                version: Column::Version,
                created_at: #created_at,
                updated_at: #updated_at,
                owner: #owner,
                parent: #parent,
                deleted_at: #deleted_at,
            };

            fn description() -> &'static ::albedo_entities::Description {
                #description
                &DESCRIPTION
            }

            fn identity(row: &Model) -> ::albedo_entities::Identity {
                ::albedo_entities::Identity { id: row.id, version: row.version }
            }
        }
    }
}

fn shape_name(prefix: &str, schema: &str) -> TokenStream {
    let name = format_ident!("{prefix}{schema}");
    quote!(#name)
}

fn column_of(field: &Ident) -> TokenStream {
    let variant = Ident::new(&camel_case(&plain(field)), field.span());
    quote!(Column::#variant)
}

fn description_of(declaration: &Declaration<'_>, create: &TokenStream, update: &TokenStream) -> TokenStream {
    let Declaration { keys, fields, model, name, schema } = declaration;
    let (path, tag) = (&keys.path, &keys.tag);
    let summary = description(&model.attrs);
    let owner = option(keys.owner.as_ref().map(plain));
    let parent = option(keys.parent.as_ref().zip(keys.parent_entity(fields)).map(parent_link));
    let unique = keys.unique.iter().map(|columns| {
        let columns = columns.iter().map(plain);
        quote!(&[#(#columns),*])
    });
    let references = fields.iter().filter_map(|field| {
        let relation = field.relation.as_ref()?;
        let (column, target) = (relation.column()?, &relation.target);
        Some(quote! {
            ::albedo_entities::Reference {
                column: #column,
                table: || ::sea_orm::EntityName::table_name(&<#target as ::core::default::Default>::default()),
            }
        })
    });
    let expanded = keys.expand.iter().filter_map(|name| fields.iter().find(|field| &field.ident == name));
    let expansions = expanded.filter_map(expansion_of);
    let methods = if keys.methods.is_empty() {
        quote!(::albedo_entities::Methods::ALL)
    } else {
        let methods = &keys.methods;
        quote!(::albedo_entities::Methods { #(#methods: true,)* ..::albedo_entities::Methods::NONE })
    };
    let role = |role: &Option<Ident>, default: &str| {
        let name = camel_case(&role.as_ref().map_or_else(|| default.to_owned(), plain));
        let role = Ident::new(&name, Span::call_site());
        quote!(::albedo_entities::Role::#role)
    };
    let (read, write) = (role(&keys.read, "viewer"), role(&keys.write, "editor"));
    let deleted_at = option(keys.soft_delete.as_ref().map(|_| "deleted_at"));
    let audit = keys.audit;
    let require_if_match = keys.require_if_match;
    let cache_ttl = option(keys.cache_ttl.map(|seconds| quote!(::core::time::Duration::from_secs(#seconds))));
    quote! {
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
            expansions: &[#(#expansions),*],
            methods: #methods,
            read: #read,
            write: #write,
            deleted_at: #deleted_at,
            audit: #audit,
            require_if_match: #require_if_match,
            cache_ttl: #cache_ttl,
            default_sort: Entity::made_sort(),
        };
    }
}

fn expansion_of(field: &FieldDeclaration) -> Option<TokenStream> {
    let relation = field.relation.as_ref()?;
    let target = &relation.target;
    let reach = match relation.column() {
        Some(column) => quote!(One { column: #column }),
        None => quote!(Many),
    };
    let (name, summary) = (field.name(), &field.description);
    Some(quote! {
        ::albedo_entities::Expansion {
            name: #name,
            summary: #summary,
            target: <#target as ::albedo_entities::Resource>::description,
            reach: ::albedo_entities::Reach::#reach,
        }
    })
}

fn parent_link((parent, target): (&Ident, &TypePath)) -> TokenStream {
    let column = plain(parent);
    quote! {
        ::albedo_entities::Parent {
            column: #column,
            description: <#target as ::albedo_entities::Resource>::description,
        }
    }
}

fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
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

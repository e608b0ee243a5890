//! What SQL knows of the relations: `Relation` and `Related`, as SeaORM's `find_also_related`, its loaders and the foreign
//! keys of a table read them.
//!
//! `#[sea_orm::model]` would write the entity a second time beside it (`ModelEx`, `ActiveModelEx`, `EntityLoader`), for rows
//! that carry others in themselves. No floor above asks for those, and they are two thirds of what a resource costs to
//! compile.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, LitStr, TypePath};

use super::camel_case;
use crate::resource::field::FieldDeclaration;
use crate::resource::relation::{Relation, RelationKeys, columns_of};

/// A relation with keys, and the field that it is.
struct Link<'f> {
    field: &'f FieldDeclaration,
    target: &'f TypePath,
    keys: &'f RelationKeys,
}

/// `Relation` with its definitions, and `Related` where the target alone says which relation is meant.
pub(super) fn relations(fields: &[FieldDeclaration], schema: &str) -> TokenStream {
    let links: Vec<_> = fields.iter().filter_map(Link::of).collect();
    let defined: Vec<_> = links.iter().filter_map(|link| Some((link, link.definition()?))).collect();
    let texts = defined.iter().map(|(link, _)| &link.field.description);
    let names: Vec<_> = defined.iter().map(|(link, _)| link.name()).collect();
    let definitions = defined.iter().map(|(_, definition)| definition);
    let count = names.len();
    let alone = |link: &Link<'_>| links.iter().filter(|other| other.target == link.target).count() == 1;
    let related = links.iter().filter_map(|link| link.related(alone(link)));
    let doc = format!("Where a {schema} leads to.");
    quote! {
        #[doc = #doc]
        #[derive(Clone, Copy, Debug)]
        pub enum Relation { #(#[doc = #texts] #names),* }

        impl ::sea_orm::strum::IntoEnumIterator for Relation {
            type Iterator = ::core::array::IntoIter<Self, #count>;

            fn iter() -> Self::Iterator {
                ::core::iter::IntoIterator::into_iter([#(Self::#names),*])
            }
        }

        impl ::sea_orm::RelationTrait for Relation {
            fn def(&self) -> ::sea_orm::RelationDef {
                match *self { #(Self::#names => #definitions),* }
            }
        }

        #(#related)*
    }
}

impl<'f> Link<'f> {
    fn of(field: &'f FieldDeclaration) -> Option<Self> {
        let Relation { target, keys, .. } = field.relation.as_ref()?;
        Some(Self { field, target, keys: keys.as_ref()? })
    }

    /// The variant: as it is called, or as the module of its target.
    fn name(&self) -> Ident {
        let segments = &self.target.path.segments;
        let named = self.keys.relation_enum.as_ref().map(super::plain);
        let module = || segments.iter().rev().nth(1).or(segments.last()).map(|segment| segment.ident.to_string());
        let name = named.or_else(module).unwrap_or_default();
        format_ident!("{}", camel_case(&name), span = self.field.ident.span())
    }

    /// The relation as an expression, if it is one by itself.
    fn definition(&self) -> Option<TokenStream> {
        let (target, keys) = (self.target, self.keys);
        let entity = quote!(<Entity as ::sea_orm::EntityTrait>);
        let by_itself = keys.self_ref.is_some() && keys.via.is_none();
        if let (Some(from), Some(to)) = (&keys.from, &keys.to)
            && (keys.belongs_to.is_some() || by_itself)
        {
            let (from, to) = (columns(from, &entity_sibling(None)), columns(to, &entity_sibling(Some(target))));
            let action = |action: &Ident| quote!(::sea_orm::sea_query::ForeignKeyAction::#action);
            let on_delete = keys.on_delete.as_ref().map(action).map(|action| quote!(.on_delete(#action)));
            let on_update = keys.on_update.as_ref().map(action).map(|action| quote!(.on_update(#action)));
            let skip_fk = keys.skip_fk.then(|| quote!(.skip_fk()));
            return Some(
                quote! { #entity::belongs_to(#target).from(#from).to(#to)#on_update #on_delete #skip_fk.into() },
            );
        }
        if let Some(reverse) = keys.relation_reverse.as_ref().filter(|_| by_itself) {
            return Some(quote! { #entity::has_many_via(Entity, Relation::#reverse).into() });
        }
        match (&keys.has_one, &keys.has_many, &keys.via, &keys.via_rel) {
            (Some(_), ..) => Some(quote! { #entity::has_one(#target).into() }),
            (_, Some(_), None, None) => Some(quote! { #entity::has_many(#target).into() }),
            (_, Some(_), None, Some(relation)) => {
                let there = sibling(target, "Relation");
                Some(quote! { #entity::has_many_via(#target, #there::#relation).into() })
            }
            _ => None,
        }
    }

    /// The way to the target that needs no name.
    fn related(&self, alone: bool) -> Option<TokenStream> {
        let (target, keys, name) = (self.target, self.keys, self.name());
        let definition = |relation: TokenStream| quote!(::sea_orm::RelationTrait::def(&#relation));
        if let (Some(_), Some((between, _))) = (&keys.self_ref, &keys.via) {
            let named = |written: &Option<LitStr>| columns_of(written.as_ref()?).ok()?.into_iter().next();
            let (from, to) = named(&keys.from).zip(named(&keys.to)).filter(|_| !keys.reverse)?;
            let (to, via) = (
                definition(quote!(super::#between::Relation::#to)),
                definition(quote!(super::#between::Relation::#from)),
            );
            return Some(quote! {
                impl ::sea_orm::RelatedSelfVia<super::#between::Entity> for Entity {
                    fn to() -> ::sea_orm::RelationDef { #to }
                    fn via() -> ::sea_orm::RelationDef { #via.rev() }
                }
            });
        }
        let declared = keys.belongs_to.is_some() || keys.has_one.is_some() || keys.has_many.is_some();
        let to_itself = keys.self_ref.is_some() && keys.has_many.is_some();
        if !alone || !declared || to_itself {
            return None;
        }
        let Some((between, relation)) = &keys.via else {
            let to = definition(quote!(Relation::#name));
            return Some(quote! {
                impl ::sea_orm::Related<#target> for Entity {
                    fn to() -> ::sea_orm::RelationDef { #to }
                }
            });
        };
        let to = definition(quote!(super::#between::Relation::#name));
        let via = match relation {
            Some(relation) => definition(quote!(super::#between::Relation::#relation)),
            None => quote!(<super::#between::Entity as ::sea_orm::Related<Entity>>::to()),
        };
        Some(quote! {
            impl ::sea_orm::Related<#target> for Entity {
                fn to() -> ::sea_orm::RelationDef { #to }
                fn via() -> ::core::option::Option<::sea_orm::RelationDef> {
                    ::core::option::Option::Some(#via.rev())
                }
            }
        })
    }
}

/// The `Column` of this entity or of that one.
fn entity_sibling(target: Option<&TypePath>) -> TokenStream {
    target.map_or_else(|| quote!(Column), |target| sibling(target, "Column"))
}

/// What lies beside an entity.
fn sibling(entity: &TypePath, name: &str) -> TokenStream {
    let mut path = entity.clone();
    if let Some(last) = path.path.segments.last_mut() {
        last.ident = Ident::new(name, last.ident.span());
    }
    quote!(#path)
}

/// One column, or several as a tuple. What is no column has been told before anything is written.
fn columns(written: &LitStr, of: &TokenStream) -> TokenStream {
    let names = columns_of(written).unwrap_or_default();
    let columns: Vec<_> = names
        .iter()
        .map(|name| {
            let variant = format_ident!("{}", camel_case(&super::plain(name)), span = written.span());
            quote!(#of::#variant)
        })
        .collect();
    match columns.as_slice() {
        [column] => quote!(#column),
        _ => quote!((#(#columns),*)),
    }
}

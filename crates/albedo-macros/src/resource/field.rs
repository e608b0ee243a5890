//! One field of the struct: its name, its type, its `#[api(...)]` keys, its doc comment.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Attribute, Field, GenericArgument, Ident, Meta, PathArguments, Token, Type};

use super::api::{ApiKeys, Spelled};
use super::literal::text;
use super::relation::Relation;
use crate::faults::Faults;

/// A field of the struct.
pub(crate) struct FieldDeclaration {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) description: String,
    pub(crate) api: ApiKeys,
    /// What it is if it is no column.
    pub(crate) relation: Option<Relation>,
    /// Whether SeaORM's attributes make a key of it that no two rows share.
    pub(crate) unique: bool,
}

impl FieldDeclaration {
    /// Reads the field and takes its `#[api]` attributes away, which nobody after us knows.
    pub(crate) fn take(field: &mut Field, faults: &mut Faults) -> Option<Self> {
        let ident = field.ident.clone()?;
        let mut api = ApiKeys::default();
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("api")) {
            let read = attribute.parse_nested_meta(|meta| {
                let outcome = api.read(&meta);
                faults.of_key(&meta, outcome)
            });
            if let Err(fault) = read {
                faults.add(fault);
            }
        }
        field.attrs.retain(|attribute| !attribute.path().is_ident("api"));
        let relation = Relation::read(field, faults);
        let declaration = Self {
            ident,
            ty: field.ty.clone(),
            description: description(&field.attrs),
            api,
            relation,
            unique: has_key(&field.attrs, &["unique", "unique_key"]),
        };
        declaration.check(faults);
        declaration.size_column(field);
        Some(declaration)
    }

    /// The name in JSON, in queries and in the table: `type` for a field written as `r#type`.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// Whether the field is a column, and not a relation.
    pub(crate) fn is_column(&self) -> bool {
        self.relation.is_none()
    }

    /// Whether it leads to rows that can be shown with this one.
    pub(crate) fn can_be_shown(&self) -> bool {
        self.relation.as_ref().is_some_and(|relation| relation.column().is_some() || relation.is_many())
    }

    /// Whether the type is written as `Option<...>`.
    pub(crate) fn is_option(&self) -> bool {
        last_segment(&self.ty).is_some_and(|(name, _)| name == "Option")
    }

    /// Whether the type is written as `Option<DateTimeUtc>`.
    pub(crate) fn is_time_or_none(&self) -> bool {
        let inner = last_segment(&self.ty).filter(|(name, _)| name == "Option").and_then(|(_, inner)| inner);
        inner.as_ref().and_then(last_segment).is_some_and(|(name, _)| name == "DateTimeUtc")
    }

    /// Whether clients see it.
    pub(crate) fn is_shown(&self) -> bool {
        !self.api.hidden && !self.api.write_only
    }

    fn check(&self, faults: &mut Faults) {
        if !self.is_column() {
            if let Some(key) = self.api.first() {
                faults.at(key, "a relation has no `#[api]` keys");
            }
            return;
        }
        self.api.check(&self.ident, faults);
        if let Some(spelled) = self.spelled() {
            self.api.check_type(spelled, faults);
        }
    }

    fn spelled(&self) -> Option<Spelled> {
        let (mut name, inner) = last_segment(&self.ty)?;
        if name == "Option" {
            name = last_segment(&inner?)?.0;
        }
        match name.as_str() {
            "String" => Some(Spelled::Text),
            "i32" | "i64" | "f64" => Some(Spelled::Number),
            "bool" | "Uuid" | "DateTimeUtc" => Some(Spelled::Single),
            "Vec" => Some(Spelled::List),
            "Map" => Some(Spelled::Object),
            _ => None,
        }
    }

    /// A text with `max_len` is a `varchar` of that length, so that the bound is said once.
    fn size_column(&self, field: &mut Field) {
        let is_text = self.spelled() == Some(Spelled::Text);
        if let (true, Some(length)) = (is_text && !has_key(&field.attrs, &["column_type"]), self.api.max_len) {
            let column_type = format!("String(StringLen::N({length}))");
            field.attrs.push(syn::parse_quote!(#[sea_orm(column_type = #column_type)]));
        }
    }
}

/// The doc comment as one text: lines of a paragraph joined by spaces.
pub(crate) fn description(attributes: &[Attribute]) -> String {
    let mut paragraphs = vec![String::new()];
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
        let Meta::NameValue(doc) = &attribute.meta else { continue };
        let Ok(line) = text(&doc.value) else { continue };
        let line = line.value();
        match (line.trim(), paragraphs.last_mut()) {
            ("", _) => paragraphs.push(String::new()),
            (line, Some(paragraph)) if paragraph.is_empty() => paragraph.push_str(line),
            (line, Some(paragraph)) => {
                paragraph.push(' ');
                paragraph.push_str(line);
            }
            (_, None) => {}
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs.join("\n\n")
}

pub(super) fn last_segment(ty: &Type) -> Option<(String, Option<Type>)> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let inner = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::Type(inner) => Some(inner.clone()),
            _ => None,
        }),
        _ => None,
    };
    Some((last.ident.to_string(), inner))
}

/// Whether SeaORM's own attributes have one of these keys. What we cannot read is left to SeaORM, which tells its faults
/// itself.
pub(super) fn has_key(attributes: &[Attribute], names: &[&str]) -> bool {
    let keys = |attribute: &Attribute| attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok();
    let attributes = attributes.iter().filter(|attribute| attribute.path().is_ident("sea_orm"));
    attributes.filter_map(keys).flatten().any(|key| names.iter().any(|name| key.path().is_ident(name)))
}

/// `Some(value)` or `None`, as tokens.
pub(crate) fn option<T: ToTokens>(value: Option<T>) -> TokenStream {
    match value {
        Some(value) => quote::quote!(::core::option::Option::Some(#value)),
        None => quote::quote!(::core::option::Option::None),
    }
}

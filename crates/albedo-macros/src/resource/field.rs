//! One field of the struct: its name, its type, its `#[api(...)]` keys, its doc comment.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::meta::ParseNestedMeta;
use syn::{
    Attribute, Error, Expr, ExprLit, Field, GenericArgument, Ident, Lit, LitStr, Meta, PathArguments, Result, Type,
    UnOp,
};

const KNOWN: &str = "create, update, filter, sort, search, hidden, write_only, default, min, max, min_len, max_len, \
    max_items, item_max_len, pattern, email, url, one_of, example";

/// What a client may do with the field, and its bounds, as tokens ready to be written.
#[derive(Default)]
pub(crate) struct ApiKeys {
    pub(crate) create: bool,
    pub(crate) update: bool,
    pub(crate) filter: bool,
    pub(crate) sort: bool,
    pub(crate) search: bool,
    pub(crate) hidden: bool,
    pub(crate) write_only: bool,
    pub(crate) default: Option<String>,
    pub(crate) example: Option<String>,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) min_len: Option<usize>,
    pub(crate) max_len: Option<usize>,
    pub(crate) max_items: Option<usize>,
    pub(crate) item_max_len: Option<usize>,
    pub(crate) pattern: Option<LitStr>,
    pub(crate) format: Option<&'static str>,
    pub(crate) one_of: Vec<LitStr>,
}

/// A field of the struct.
pub(crate) struct FieldDeclaration {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) description: String,
    pub(crate) api: ApiKeys,
    /// `belongs_to, from = "..."`: the column that refers, and the entity referred to.
    pub(crate) belongs_to: Option<(String, Type)>,
    relation: bool,
}

impl FieldDeclaration {
    /// Reads the field and takes its `#[api]` attributes away, which nobody after us knows.
    pub(crate) fn take(field: &mut Field) -> Result<Self> {
        let Some(ident) = field.ident.clone() else {
            return Err(Error::new_spanned(field, "a resource has named fields"));
        };
        let mut api = ApiKeys::default();
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("api")) {
            attribute.parse_nested_meta(|meta| api.read(&meta))?;
        }
        field.attrs.retain(|attribute| !attribute.path().is_ident("api"));
        let relation = relation_target(&field.ty);
        let belongs_to = relation.clone().and_then(|target| Some((belongs_from(&field.attrs)?, target)));
        let declaration = Self {
            ident,
            ty: field.ty.clone(),
            description: description(&field.attrs),
            api,
            belongs_to,
            relation: relation.is_some(),
        };
        declaration.check()?;
        declaration.size_column(field);
        Ok(declaration)
    }

    /// Whether the field is a column, and not a relation.
    pub(crate) fn is_column(&self) -> bool {
        !self.relation
    }

    /// Whether the type is written as `Option<...>`.
    pub(crate) fn is_option(&self) -> bool {
        last_segment(&self.ty).is_some_and(|(name, _)| name == "Option")
    }

    fn check(&self) -> Result<()> {
        let api = &self.api;
        let fault = |message: &str| Err(Error::new(self.ident.span(), message));
        if self.relation && api.named() {
            return fault("a relation has no `#[api]` keys");
        }
        if api.hidden && (api.create || api.update) {
            return fault("a hidden field is not written by clients; `write_only` is");
        }
        if api.write_only && !(api.create || api.update) {
            return fault("a `write_only` field wants `create` or `update`");
        }
        if api.hidden && (api.filter || api.sort || api.search) {
            return fault("a hidden field can be guessed by filters, sorting and search; leave them out");
        }
        if api.min.zip(api.max).is_some_and(|(min, max)| min > max) {
            return fault("`min` is above `max`");
        }
        if api.min_len.zip(api.max_len).is_some_and(|(min, max)| min > max) {
            return fault("`min_len` is above `max_len`");
        }
        Ok(())
    }

    /// A text with `max_len` is a `varchar` of that length, so that the bound is said once.
    fn size_column(&self, field: &mut Field) {
        let text = |ty: &Type| last_segment(ty).is_some_and(|(name, _)| name == "String");
        let inner = last_segment(&self.ty).filter(|(name, _)| name == "Option").and_then(|(_, inner)| inner);
        let is_text = text(&self.ty) || inner.is_some_and(|inner| text(&inner));
        if let (true, Some(length)) = (is_text && !has_column_type(&field.attrs), self.api.max_len) {
            let column_type = format!("String(StringLen::N({length}))");
            field.attrs.push(syn::parse_quote!(#[sea_orm(column_type = #column_type)]));
        }
    }
}

impl ApiKeys {
    fn named(&self) -> bool {
        self.create || self.update || self.filter || self.sort || self.search || self.hidden || self.write_only
    }

    fn read(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        match key.as_str() {
            "create" => self.create = true,
            "update" => self.update = true,
            "filter" => self.filter = true,
            "sort" => self.sort = true,
            "search" => self.search = true,
            "hidden" => self.hidden = true,
            "write_only" => self.write_only = true,
            "email" => self.format = Some("Email"),
            "url" => self.format = Some("Url"),
            "default" => self.default = Some(json(&meta.value()?.parse()?)?),
            "example" => self.example = Some(json(&meta.value()?.parse()?)?),
            "min" => self.min = Some(number(&meta.value()?.parse()?)?),
            "max" => self.max = Some(number(&meta.value()?.parse()?)?),
            "min_len" => self.min_len = Some(length(meta)?),
            "max_len" => self.max_len = Some(length(meta)?),
            "max_items" => self.max_items = Some(length(meta)?),
            "item_max_len" => self.item_max_len = Some(length(meta)?),
            "pattern" => self.pattern = Some(pattern(meta.value()?.parse()?)?),
            "one_of" => self.one_of = texts(&meta.value()?.parse()?)?,
            _ => return Err(meta.error(format!("unknown key `{key}`; known keys are {KNOWN}"))),
        }
        Ok(())
    }
}

fn length(meta: &ParseNestedMeta<'_>) -> Result<usize> {
    meta.value()?.parse::<syn::LitInt>()?.base10_parse()
}

fn pattern(text: LitStr) -> Result<LitStr> {
    match regex_syntax::parse(&text.value()) {
        Ok(_) => Ok(text),
        Err(error) => Err(Error::new_spanned(&text, format!("this pattern is no regular expression: {error}"))),
    }
}

fn number(expr: &Expr) -> Result<f64> {
    match expr {
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => number(&unary.expr).map(|number| -number),
        Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) => int.base10_parse(),
        Expr::Lit(ExprLit { lit: Lit::Float(float), .. }) => float.base10_parse(),
        _ => Err(Error::new_spanned(expr, "a number is expected")),
    }
}

fn texts(expr: &Expr) -> Result<Vec<LitStr>> {
    let Expr::Array(array) = expr else { return Err(Error::new_spanned(expr, "a list of texts is expected")) };
    array.elems.iter().map(text).collect()
}

fn text(expr: &Expr) -> Result<LitStr> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(text.clone()),
        _ => Err(Error::new_spanned(expr, "a text is expected")),
    }
}

/// A literal, an empty `{}` or a list of literals, as JSON text.
fn json(expr: &Expr) -> Result<String> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(quoted(&text.value())),
        Expr::Lit(ExprLit { lit: Lit::Bool(truth), .. }) => Ok(truth.value.to_string()),
        Expr::Array(array) => {
            let items: Vec<_> = array.elems.iter().map(json).collect::<Result<_>>()?;
            Ok(format!("[{}]", items.join(",")))
        }
        Expr::Block(block) if block.block.stmts.is_empty() => Ok("{}".to_owned()),
        _ => number(expr)
            .map(|number| number.to_string())
            .map_err(|_| Error::new_spanned(expr, "a text, a number, a truth value, a list or `{}` is expected")),
    }
}

fn quoted(text: &str) -> String {
    let mut json = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            letter if letter.is_control() => json.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter => json.push(letter),
        }
    }
    json.push('"');
    json
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

fn last_segment(ty: &Type) -> Option<(String, Option<Type>)> {
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

/// The entity inside `BelongsTo<...>`, `HasOne<...>` or `HasMany<...>`.
fn relation_target(ty: &Type) -> Option<Type> {
    let (name, inner) = last_segment(ty)?;
    let inner = inner.filter(|_| matches!(name.as_str(), "BelongsTo" | "HasOne" | "HasMany"))?;
    match last_segment(&inner) {
        Some((name, Some(entity))) if name == "Option" => Some(entity),
        _ => Some(inner),
    }
}

fn belongs_from(attributes: &[Attribute]) -> Option<String> {
    let mut belongs = false;
    let mut from = None;
    each_sea_orm_key(attributes, |name, value| match name {
        "belongs_to" => belongs = true,
        "from" => from = value,
        _ => {}
    });
    from.filter(|_| belongs)
}

fn has_column_type(attributes: &[Attribute]) -> bool {
    let mut found = false;
    each_sea_orm_key(attributes, |name, _| found |= name == "column_type");
    found
}

/// The keys of SeaORM's own attributes. What we cannot read is left to SeaORM, which tells its faults itself.
fn each_sea_orm_key(attributes: &[Attribute], mut visit: impl FnMut(&str, Option<String>)) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("sea_orm")) {
        let Ok(keys) = attribute.parse_args_with(syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated)
        else {
            continue;
        };
        for key in keys {
            let name = key.path().to_token_stream().to_string();
            let value = match &key {
                Meta::NameValue(pair) => text(&pair.value).ok().map(|text| text.value()),
                _ => None,
            };
            visit(&name, value);
        }
    }
}

/// `Some(value)` or `None`, as tokens.
pub(crate) fn option<T: ToTokens>(value: Option<T>) -> TokenStream {
    match value {
        Some(value) => quote::quote!(::core::option::Option::Some(#value)),
        None => quote::quote!(::core::option::Option::None),
    }
}

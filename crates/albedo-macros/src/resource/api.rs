//! The keys of `#[api(...)]`: what a client may do with a field, and its bounds.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::{LitInt, LitStr, Result};

use super::literal::{json, number, pattern, texts};
use crate::faults::Faults;

const KNOWN: &str = "create, update, filter, sort, search, hidden, write_only, default, min, max, min_len, max_len, \
    max_items, item_max_len, pattern, email, url, one_of, example";

/// What a list asks with itself: a field of this name could not be filtered by.
const OF_LISTS: [&str; 9] = ["page", "size", "sort", "q", "cursor", "count", "deleted", "fields", "expand"];

/// The keys, with their values ready to be written.
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
    /// The keys as written, to show faults at.
    seen: Vec<Ident>,
}

/// What the values of a field are, where the name of its type alone tells; the compiler is asked about the others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelled {
    Text,
    Number,
    Single,
    List,
    Object,
}

impl ApiKeys {
    pub(crate) fn read(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let Some(ident) = meta.path.get_ident() else { return Err(meta.error(format!("known keys are {KNOWN}"))) };
        let key = ident.to_string();
        if self.seen.contains(ident) {
            return Err(meta.error(format!("`{key}` occurs twice")));
        }
        self.seen.push(ident.clone());
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

    /// What the keys say against each other.
    pub(crate) fn check(&self, field: &Ident, faults: &mut Faults) {
        let written = self.create || self.update;
        if self.hidden && written {
            faults.at(self.key("hidden"), "a hidden field is not written by clients; `write_only` is");
        }
        if self.write_only && !written {
            faults.at(self.key("write_only"), "a `write_only` field wants `create` or `update`");
        }
        if self.default.is_some() && !self.create {
            faults.at(self.key("default"), "a default is what a create leaves out; this field wants `create`");
        }
        for key in ["filter", "sort", "search"].iter().filter_map(|key| self.key(key)) {
            if self.hidden || self.write_only {
                let message = "what is not shown could be guessed by filters, sorting and search; leave them out";
                faults.at(key, message);
            }
        }
        if self.filter && OF_LISTS.iter().any(|name| field.unraw() == name) {
            let message = format!("`{}` is a parameter of every list; no filter can have its name", field.unraw());
            faults.at(self.key("filter"), message);
        }
        if self.min.zip(self.max).is_some_and(|(min, max)| min > max) {
            faults.at(self.key("min"), "`min` is above `max`");
        }
        if self.min_len.zip(self.max_len).is_some_and(|(min, max)| min > max) {
            faults.at(self.key("min_len"), "`min_len` is above `max_len`");
        }
    }

    /// What the keys say against the type.
    pub(crate) fn check_type(&self, spelled: Spelled, faults: &mut Faults) {
        use Spelled::{List, Number, Object, Text};
        let wanted: [(&[&str], &[Spelled], &str); 6] = [
            (&["search"], &[Text], "search wants a text"),
            (&["min_len", "max_len"], &[Text], "min_len and max_len bound a text; min and max bound a number"),
            (&["pattern", "email", "url", "one_of"], &[Text], "pattern, email, url and one_of want a text"),
            (&["min", "max"], &[Number], "min and max bound a number; min_len and max_len bound a text"),
            (&["max_items"], &[Object, List], "max_items bounds an object or a list"),
            (&["item_max_len"], &[List], "item_max_len bounds the items of a list"),
        ];
        for (keys, fitting, message) in wanted {
            for key in keys.iter().filter_map(|key| self.key(key)).filter(|_| !fitting.contains(&spelled)) {
                faults.at(key, message);
            }
        }
        for key in ["filter", "sort"].iter().filter_map(|key| self.key(key)) {
            if matches!(spelled, List | Object) {
                faults.at(key, "an object or a list has no filters and no order");
            }
        }
    }

    /// The first key, if there is any.
    pub(crate) fn first(&self) -> Option<&Ident> {
        self.seen.first()
    }

    /// The key as it was written.
    fn key(&self, name: &str) -> Option<&Ident> {
        self.seen.iter().find(|key| *key == name)
    }
}

fn length(meta: &ParseNestedMeta<'_>) -> Result<usize> {
    meta.value()?.parse::<LitInt>()?.base10_parse()
}

//! Faults, collected: one compilation tells all of them, as the validation of bodies does it.

use std::fmt::Display;

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::meta::ParseNestedMeta;
use syn::{Error, Result, Token};

#[derive(Default)]
pub(crate) struct Faults(Option<Error>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Error) {
        match &mut self.0 {
            Some(faults) => faults.combine(fault),
            None => self.0 = Some(fault),
        }
    }

    /// A fault that shows at these tokens.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.add(Error::new_spanned(tokens, message));
    }

    /// Notes the fault of one key and goes on behind its value.
    pub(crate) fn of_key(&mut self, meta: &ParseNestedMeta<'_>, outcome: Result<()>) -> Result<()> {
        if let Err(fault) = outcome {
            self.add(fault);
            while !meta.input.is_empty() && !meta.input.peek(Token![,]) {
                meta.input.parse::<TokenTree>()?;
            }
        }
        Ok(())
    }

    pub(crate) fn none_or<T>(self, value: T) -> Result<T> {
        match self.0 {
            Some(faults) => Err(faults),
            None => Ok(value),
        }
    }
}

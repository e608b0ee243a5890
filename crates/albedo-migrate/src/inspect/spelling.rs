//! One spelling for what SQLite keeps as it was written.

use crate::dialect::Dialect;
use crate::lexer::{TokenKind, tokens};
use crate::operation::Constraint;
use crate::schema::{Column, DefaultValue, Index, IndexKey};
use crate::sql::definition;

/// A column without its name.
pub(super) fn column_text(column: &Column) -> String {
    let default = match &column.default {
        // Said or not said, it is the same.
        Some(DefaultValue::Null) | None => None,
        default => default.clone(),
    };
    let column = Column { default, ..column.clone() };
    let text = definition::column(Dialect::Sqlite, &column).unwrap_or_default();
    let number = if column.identity.is_some() { " AUTOINCREMENT" } else { "" };
    // The name stands in front.
    let words = tokens(&text);
    plain(words.get(1).and_then(|second| text.get(second.start..)).unwrap_or_default()) + number
}

/// A constraint without its name.
pub(super) fn unnamed(constraint: &Constraint) -> Constraint {
    let mut constraint = constraint.clone();
    match &mut constraint {
        Constraint::PrimaryKey(key) => key.name = None,
        Constraint::Unique(unique) => unique.name = None,
        Constraint::Check(check) => check.name = None,
        Constraint::ForeignKey(key) => key.name = None,
    }
    constraint
}

/// An expression that is nothing but a column is that column.
pub(super) fn tidy(index: &Index) -> Index {
    let mut index = index.clone();
    for part in &mut index.columns {
        if let IndexKey::Expression(text) = &part.key
            && let [one] = tokens(text).as_slice()
            && let (TokenKind::Word | TokenKind::QuotedName, Some(name)) = (one.kind, one.name())
        {
            part.key = IndexKey::Column(name);
        }
    }
    index
}

/// SQL in one spelling: no comments, single spaces, names without quotes, small letters outside of texts.
pub(super) fn plain(sql: &str) -> String {
    let mut text = String::new();
    let mut last = None;
    for token in tokens(sql) {
        let word = match token.kind {
            TokenKind::Text | TokenKind::Number => token.text.to_owned(),
            _ => token.name().unwrap_or_else(|| token.text.to_owned()).to_lowercase(),
        };
        let tight = matches!(token.kind, TokenKind::Sign('(' | ')' | ',' | '.'))
            || matches!(last, None | Some(TokenKind::Sign('(' | '.')));
        if !tight {
            text.push(' ');
        }
        text.push_str(&word);
        last = Some(token.kind);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_texts_count() {
        assert_eq!(plain("SELECT \"A\" , 'B'  FROM T -- x"), "select a, 'B' from t");
        assert_ne!(plain("a = 'x'"), plain("a = 'X'"));
    }
}

//! The diagram for Markdown.

use super::{Diagram, Row};

/// The diagram in Mermaid's words.
#[must_use]
pub fn mermaid(diagram: &Diagram) -> String {
    let mut text = String::from("erDiagram\n");
    let name = |card: usize| diagram.cards.get(card).map_or_else(String::new, |card| quoted(&card.name));
    for link in &diagram.links {
        let parent = if link.optional { "|o" } else { "||" };
        let child = if link.single { "o|" } else { "o{" };
        text.push_str(&format!(
            "    {} {parent}--{child} {} : \"{}\"\n",
            name(link.parent.0),
            name(link.child.0),
            plain(&link.columns.join(", "))
        ));
    }
    for (place, card) in diagram.cards.iter().enumerate() {
        text.push_str(&format!("    {} {{\n", name(place)));
        for row in &card.rows {
            text.push_str(&format!("        {} {}{}\n", word(&row.kind), word(&row.name), marks(row)));
        }
        text.push_str("    }\n");
    }
    text
}

fn marks(row: &Row) -> String {
    let marks = [(row.primary, "PK"), (row.foreign, "FK"), (row.unique, "UK")];
    let marks: Vec<&str> = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
    let marks = if marks.is_empty() { String::new() } else { format!(" {}", marks.join(", ")) };
    if row.nullable { format!("{marks} \"may be empty\"") } else { marks }
}

/// Types and columns are one word each, which begins with a letter.
fn word(text: &str) -> String {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '(' | ')' | '[' | ']');
    let text: String = text.replace(", ", "-").chars().map(|c| if fits(c) { c } else { '_' }).collect();
    if text.starts_with(|c: char| c.is_alphabetic()) { text } else { format!("x{text}") }
}

fn quoted(name: &str) -> String {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_plain && !name.is_empty() { name.to_owned() } else { format!("\"{}\"", plain(name)) }
}

fn plain(text: &str) -> String {
    text.replace(['"', '\n'], "'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erd::tests::schema;

    #[test]
    fn every_table_and_key_is_told() {
        insta::assert_snapshot!(mermaid(&Diagram::new(&schema())), @r#"
        erDiagram
            users ||--o{ letters : "sender_id"
            users ||--o{ letters : "reader_id"
            letters ||--o| stamps : "letter_id"
            teams ||--o{ stamps : "team_id"
            users |o--o{ teams : "leader_id"
            teams |o--o{ teams : "above_id"
            teams |o--o{ users : "team_id"
            cities {
                uuid id PK
                uuid country_id FK "may be empty"
            }
            letters {
                uuid id PK
                uuid sender_id FK
                uuid reader_id FK
                timestamptz sent_at
            }
            stamps {
                uuid letter_id PK, FK
                decimal(10-2) price "may be empty"
                uuid team_id FK
            }
            teams {
                uuid id PK
                uuid leader_id FK "may be empty"
                uuid above_id FK "may be empty"
            }
            users {
                uuid id PK
                varchar(200) email UK
                uuid team_id FK "may be empty"
            }
        "#);
    }

    #[test]
    fn odd_names_stay_one_word() {
        assert_eq!(word("numeric(10, 2)"), "numeric(10-2)");
        assert_eq!(word("2nd name"), "x2nd_name");
        assert_eq!(quoted("my \"table\""), "\"my 'table'\"");
    }
}

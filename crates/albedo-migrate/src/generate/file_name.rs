//! How the files of new revisions are called.
//!
//! A file's name without `.rs` is what the version table stores, so it holds the id: a file that gets another message
//! is then still known. Old files keep their names whatever the pattern says.

use std::time::{SystemTime, UNIX_EPOCH};

/// The pattern of a file's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName(String);

/// The words a pattern may have in braces.
const WORDS: [&str; 8] = ["{date}", "{time}", "{id}", "{slug}", "{year}", "{month}", "{day}", "{epoch}"];

impl Default for FileName {
    fn default() -> Self {
        Self("{date}_{time}_{id}_{slug}".to_owned())
    }
}

impl FileName {
    /// A pattern of a project's own.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let rest = WORDS.iter().fold(pattern.to_owned(), |text, word| text.replace(word, ""));
        if let Some(odd) = rest.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '_') {
            let known = WORDS.join(", ");
            return Err(if matches!(odd, '{' | '}') {
                format!("a word in braces means nothing here; there are {known}")
            } else {
                format!("it contains `{odd}`; write letters, digits, underscores and {known}")
            });
        }
        // Neighbours without an underscore between them could not be told apart again.
        let alone = |part: &str| part == "{id}";
        if !pattern.split('_').any(alone) {
            return Err("it needs {id} between underscores, by which a renamed file is still known".to_owned());
        }
        Ok(Self(pattern.to_owned()))
    }

    /// The name of a file that is made now, without `.rs`. Words that come out empty leave no underscore behind.
    #[must_use]
    pub fn stem(&self, now: SystemTime, id: &str, slug: &str) -> String {
        let moment = timestamp(now);
        let part = |from: usize, to: usize| moment.get(from..to).unwrap_or_default();
        let epoch = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()).to_string();
        let values = [part(0, 8), part(9, 15), id, slug, part(0, 4), part(4, 6), part(6, 8), &epoch];
        let fill = |part: &str| {
            WORDS.iter().zip(values).fold(part.to_owned(), |text, (word, value)| text.replace(word, value))
        };
        self.0.split('_').map(fill).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_")
    }
}

/// `20260123_091500`, in UTC, so that files sort in the order in which they were made.
fn timestamp(now: SystemTime) -> String {
    let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days to a date as in Howard Hinnant's paper on calendars: years begin in March, so the leap day is the last.
    let z = days + 719_468;
    let era = z / 146_097;
    let day_of_era = z % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}{month:02}{day:02}_{:02}{:02}{:02}", rest / 3_600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_moment_reads_as_a_date() {
        assert_eq!(timestamp(UNIX_EPOCH + Duration::from_secs(1_709_209_845)), "20240229_123045");
        assert_eq!(timestamp(UNIX_EPOCH), "19700101_000000");
    }

    #[test]
    fn a_pattern_of_ones_own_is_followed() {
        let now = UNIX_EPOCH + Duration::from_secs(1_709_209_845);
        assert_eq!(FileName::default().stem(now, "ab12", "add_x"), "20240229_123045_ab12_add_x");
        assert_eq!(FileName::default().stem(now, "ab12", ""), "20240229_123045_ab12");
        assert_eq!(FileName::new("m{year}_{month}_{id}").unwrap().stem(now, "ab12", "x"), "m2024_02_ab12");
    }

    #[test]
    fn a_pattern_that_would_lose_the_id_is_refused() {
        for (bad, told) in [
            ("{date}_{slug}", "{id}"),
            ("{date}{id}_{slug}", "between underscores"),
            ("{id}_{author}", "means nothing"),
            ("{id}/{slug}", "`/`"),
            ("{id}_ü", "`ü`"),
            ("", "{id}"),
        ] {
            assert!(FileName::new(bad).unwrap_err().contains(told), "{bad}");
        }
    }
}

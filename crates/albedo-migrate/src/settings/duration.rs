//! Lengths of time as people write them: `5s`, `500ms`, `2m`, or a number of seconds.

use std::time::Duration;

/// The longest that means anything: a day.
const LONGEST: Duration = Duration::from_secs(86_400);

/// Reads one.
///
/// # Errors
/// What to write instead.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds = match unit.trim() {
        "ms" => 0.001,
        "s" | "" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        _ => return Err("write a number and ms, s, m or h, such as \"5s\"".to_owned()),
    };
    let number: f64 = number.parse().map_err(|_| "write a number and ms, s, m or h, such as \"5s\"".to_owned())?;
    let length = Duration::try_from_secs_f64(number * seconds).unwrap_or(Duration::MAX);
    if length > LONGEST { Err("at most a day".to_owned()) } else { Ok(length) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        for (text, millis) in [("5s", 5_000), ("500ms", 500), ("2m", 120_000), ("1.5s", 1_500), ("7", 7_000), ("0s", 0)]
        {
            assert_eq!(parse(text).unwrap().as_millis(), millis, "{text}");
        }
        for bad in ["", "s", "5 days", "-1s", "1.2.3s", "25h", "99999999999999999999s"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}

//! Aligned columns. The last one may be as long as it likes.

use std::io::{self, Write};

/// Writes rows below their titles, each column as wide as its widest text.
pub(super) fn write<const N: usize>(out: &mut impl Write, titles: [&str; N], rows: Vec<[String; N]>) -> io::Result<()> {
    let titles = titles.map(str::to_owned);
    let mut widths = [0; N];
    for row in rows.iter().chain([&titles]) {
        for (width, text) in widths.iter_mut().zip(row) {
            *width = text.chars().count().max(*width);
        }
    }
    for row in [titles].into_iter().chain(rows) {
        let cells = row.iter().zip(widths).map(|(text, width)| format!("{text:width$}"));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_lines_end_with_text() {
        let mut out = Vec::new();
        let rows = vec![["é".to_owned(), String::new()], ["long".to_owned(), "x".to_owned()]];
        write(&mut out, ["A", "B"], rows).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "A     B\né\nlong  x\n");
    }
}

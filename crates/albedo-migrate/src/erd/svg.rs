//! The diagram as a picture.

use super::place::{HEAD, Rect, row_offset, sheet};
use super::{Card, Diagram, Link};

const STYLE: &str = "text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#1e293b}\
.n{font-weight:600;font-size:14px;fill:#fff}.t{font-size:12px;fill:#64748b}.m{font-size:10px;font-weight:600}\
.p{fill:#b45309}.f{fill:#0f766e}.u{fill:#7c3aed}.b{fill:#fff;stroke:#94a3b8}.h{fill:#334155}\
.l,.e{fill:none;stroke:#475569;stroke-width:1.3}.l{stroke-linejoin:round}.e{fill:#fff}";

/// The diagram as an SVG picture on a white sheet. A crow's foot says many, a bar one, a circle none; types that end in
/// a question mark may be empty.
#[must_use]
pub fn svg(diagram: &Diagram) -> String {
    let sheet = sheet(diagram);
    let (width, height) = (sheet.width, sheet.height);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>Tables and their foreign keys</title>\n<style>{STYLE}</style>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#f8fafc\"/>\n"
    );
    for (link, points) in diagram.links.iter().zip(&sheet.lines) {
        line(&mut text, diagram, link, points);
    }
    for (card, rect) in diagram.cards.iter().zip(&sheet.cards) {
        draw(&mut text, card, *rect);
    }
    text + "</svg>\n"
}

fn draw(text: &mut String, card: &Card, rect: Rect) {
    let Rect { x, y, width, height } = rect;
    let right = x + width;
    text.push_str(&format!(
        "<g><rect class=\"b\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"5\"/>\n\
         <path class=\"h\" d=\"M{x} {} v-{} q0 -5 5 -5 h{} q5 0 5 5 v{} z\"/>\n\
         <text class=\"n\" x=\"{}\" y=\"{}\">{}</text>\n",
        y + HEAD,
        HEAD - 5.0,
        width - 10.0,
        HEAD - 5.0,
        x + 12.0,
        y + 20.0,
        escaped(&card.name)
    ));
    for (place, row) in card.rows.iter().enumerate() {
        let base = y + row_offset(place) + 4.0;
        let marks = [(row.primary, "p", "PK"), (row.foreign, "f", "FK"), (row.unique, "u", "UQ")];
        let marks: Vec<_> = marks.iter().filter(|(is, ..)| *is).collect();
        // Two marks share the room of one: the key first, the other behind it in its colour.
        for (index, (_, class, mark)) in marks.iter().take(2).enumerate() {
            let shown = if marks.len() > 1 { mark.get(..1).unwrap_or(mark) } else { mark };
            let at = x + 10.0 + index as f64 * 9.0;
            text.push_str(&format!("<text class=\"m {class}\" x=\"{at}\" y=\"{base}\">{shown}</text>"));
        }
        let weight = if row.primary { " font-weight=\"600\"" } else { "" };
        text.push_str(&format!(
            "<text x=\"{}\" y=\"{base}\"{weight}>{}</text><text class=\"t\" x=\"{}\" y=\"{base}\" text-anchor=\"end\">{}{}</text>\n",
            x + 34.0,
            escaped(&row.name),
            right - 10.0,
            escaped(&row.kind),
            if row.nullable { "?" } else { "" }
        ));
    }
    text.push_str("</g>\n");
}

fn line(text: &mut String, diagram: &Diagram, link: &Link, points: &[(f64, f64)]) {
    let ([first, second, ..], [.., before, last]) = (points, points) else { return };
    let path: Vec<String> = points.iter().map(|(x, y)| format!("{x} {y}")).collect();
    let name = |card: usize| diagram.cards.get(card).map_or("", |card| card.name.as_str());
    text.push_str(&format!(
        "<g><title>{}.{} refers to {}</title><path class=\"l\" d=\"M{}\"/>",
        escaped(name(link.child.0)),
        escaped(&link.columns.join(", ")),
        escaped(name(link.parent.0)),
        path.join("L")
    ));
    let side = |from: &(f64, f64), to: &(f64, f64)| if to.0 >= from.0 { 1.0 } else { -1.0 };
    end(text, *first, side(first, second), End { many: false, none: link.optional });
    end(text, *last, side(last, before), End { many: !link.single, none: true });
    text.push_str("</g>\n");
}

#[derive(Clone, Copy)]
struct End {
    many: bool,
    none: bool,
}

/// The mark where a line meets a card, `side` being the way it leads from there.
fn end(text: &mut String, (x, y): (f64, f64), side: f64, end: End) {
    let at = |distance: f64| x + side * distance;
    let bar = |distance: f64| format!("M{} {} v10", at(distance), y - 5.0);
    let mut marks = Vec::new();
    if end.many {
        marks.push(format!("M{x} {} L{} {y} L{x} {}", y - 5.0, at(11.0), y + 5.0));
    } else {
        marks.push(bar(7.0));
    }
    if !end.none {
        marks.push(bar(11.0));
    }
    text.push_str(&format!("<path class=\"l\" d=\"{}\"/>", marks.join(" ")));
    if end.none {
        text.push_str(&format!("<circle class=\"e\" cx=\"{}\" cy=\"{y}\" r=\"3.5\"/>", at(15.0)));
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erd::tests::schema;

    #[test]
    fn the_same_schema_gives_the_same_picture() {
        let diagram = Diagram::new(&schema());
        let picture = svg(&diagram);
        assert_eq!(picture, svg(&diagram));
        for card in &diagram.cards {
            assert!(picture.contains(&format!(">{}</text>", card.name)), "{} is missing", card.name);
        }
        assert_eq!(picture.matches("<path class=\"l\" d=\"M").count(), 2 * diagram.links.len() + diagram.links.len());
    }

    #[test]
    fn names_cannot_break_the_picture() {
        let mut diagram = Diagram::new(&schema());
        diagram.cards[0].name = "<script>\"&".into();
        assert!(svg(&diagram).contains("&lt;script&gt;&quot;&amp;"));
    }
}

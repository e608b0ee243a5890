//! The values of keys: literals, read from the source.

use syn::{Error, Expr, ExprLit, Lit, LitStr, Result, UnOp};

/// A number, with or without a sign.
pub(super) fn number(expr: &Expr) -> Result<f64> {
    match expr {
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => number(&unary.expr).map(|number| -number),
        Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) => int.base10_parse(),
        Expr::Lit(ExprLit { lit: Lit::Float(float), .. }) => float.base10_parse(),
        _ => Err(Error::new_spanned(expr, "a number is expected")),
    }
}

/// A list of texts.
pub(super) fn texts(expr: &Expr) -> Result<Vec<LitStr>> {
    let Expr::Array(array) = expr else { return Err(Error::new_spanned(expr, "a list of texts is expected")) };
    array.elems.iter().map(text).collect()
}

/// A text.
pub(super) fn text(expr: &Expr) -> Result<LitStr> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(text.clone()),
        _ => Err(Error::new_spanned(expr, "a text is expected")),
    }
}

/// A text that is a regular expression.
pub(super) fn pattern(text: LitStr) -> Result<LitStr> {
    match regex_syntax::parse(&text.value()) {
        Ok(_) => Ok(text),
        Err(error) => Err(Error::new_spanned(&text, format!("this pattern is no regular expression: {error}"))),
    }
}

/// A literal, an empty `{}` or a list of literals, as JSON text.
pub(super) fn json(expr: &Expr) -> Result<String> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(quoted(&text.value())),
        Expr::Lit(ExprLit { lit: Lit::Bool(truth), .. }) => Ok(truth.value.to_string()),
        // Digit by digit: a double holds no more than sixteen of them.
        Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) => Ok(int.base10_digits().to_owned()),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => Ok(format!("-{}", json(&unary.expr)?)),
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

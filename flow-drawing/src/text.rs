//! How wide a text is, near enough: the widths of a common sans font, in parts of its size.

/// The longest label that is shown whole.
const LONGEST: usize = 36;

pub(crate) const SIZE: f64 = 13.0;
pub(crate) const SMALL: f64 = 11.0;

pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(part).sum::<f64>() * size
}

fn part(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' | '!' | '.' | ',' | ':' | ';' => 0.28,
        'f' | 't' | 'r' | 'I' | '(' | ')' | '[' | ']' | '{' | '}' | '-' | '/' | ' ' => 0.36,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.90,
        'A'..='Z' | '&' | '<' | '>' | '=' | '+' | '~' | '_' => 0.70,
        '\u{0}'..='\u{2fff}' => 0.60,
        _ => 1.05,
    }
}

/// What is shown of a label.
pub(crate) fn shown(text: &str) -> String {
    if text.chars().count() <= LONGEST { text.to_owned() } else { text.chars().take(LONGEST - 1).chain(['…']).collect() }
}

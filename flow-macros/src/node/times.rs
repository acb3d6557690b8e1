//! Values in quotes: times and limits.

use std::time::Duration;

use syn::LitStr;

/// `"200ms..30s"`; the longest wait may be left out.
pub(super) fn range(text: &LitStr) -> syn::Result<(Duration, Duration)> {
    let value = text.value();
    let (first, max) = value.split_once("..").unwrap_or((&value, "30s"));
    let (first, max) = (duration_of(first, text)?, duration_of(max, text)?);
    if first > max {
        return Err(syn::Error::new(text.span(), "the first wait is longer than the longest: write `\"200ms..30s\"`"));
    }
    Ok((first, max))
}

/// `"2m"`
pub(super) fn duration(text: &LitStr) -> syn::Result<Duration> {
    duration_of(&text.value(), text)
}

fn duration_of(value: &str, at: &LitStr) -> syn::Result<Duration> {
    let value = value.trim();
    let split = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let wrong = || {
        syn::Error::new(at.span(), format!("`{value}` is not a time; write a number and `ms`, `s`, `m`, `h` or `d`: `\"2m\"`"))
    };
    let number: u64 = value[..split].parse().map_err(|_| wrong())?;
    let millis = match &value[split..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(wrong()),
    };
    if number == 0 {
        return Err(syn::Error::new(at.span(), "a time of zero never passes: leave the option out, or write a longer time"));
    }
    number.checked_mul(millis).map(Duration::from_millis).ok_or_else(wrong)
}

/// `"llm: 4, 10/s"`
pub(crate) struct Limit {
    pub(crate) name: String,
    /// How many at a time.
    pub(crate) at_once: Option<u32>,
    /// How long after one begins the next may.
    pub(crate) every: Option<Duration>,
}

/// What to write.
pub(super) const LIMIT: &str = "a name and what it allows: `\"llm: 4\"` is four at a time, `\"llm: 10/s\"` ten a second";

pub(super) fn limit(text: &LitStr) -> syn::Result<Limit> {
    let value = text.value();
    let wrong = || syn::Error::new(text.span(), format!("write {LIMIT}"));
    let (name, allows) = value.split_once(':').ok_or_else(wrong)?;
    let name = name.trim().to_owned();
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c)) {
        return Err(wrong());
    }
    let mut limit = Limit { name, at_once: None, every: None };
    for part in allows.split(',').map(str::trim) {
        let (number, unit) = part.split_once('/').map_or((part, None), |(number, unit)| (number.trim(), Some(unit.trim())));
        let number: u32 = number.parse().map_err(|_| wrong())?;
        if number == 0 {
            return Err(syn::Error::new(text.span(), "a limit of zero lets nothing run: write a greater number"));
        }
        let twice = if unit.is_some() { limit.every.is_some() } else { limit.at_once.is_some() };
        if twice {
            return Err(syn::Error::new(text.span(), "a limit has one number at a time and one rate: `\"llm: 4, 10/s\"`"));
        }
        match unit {
            Some(unit) => limit.every = Some(second_minute_hour(unit).ok_or_else(wrong)? / number),
            None => limit.at_once = Some(number),
        }
    }
    Ok(limit)
}

fn second_minute_hour(unit: &str) -> Option<Duration> {
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    Some(Duration::from_secs(seconds))
}

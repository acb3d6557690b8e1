//! The options in the brackets of an attribute: `retries = 3, timeout = "2m"`.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Ident, Lit, LitInt, LitStr, Path, Token, Type};

use crate::diagnostic::Errors;

/// Everything an attribute may say. Which of it belongs to which attribute, `known` tells.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) retries: u32,
    pub(crate) timeout: Option<Duration>,
    pub(crate) backoff: Option<(Duration, Duration)>,
    pub(crate) id: Option<LitStr>,
    pub(crate) marker: Option<Ident>,
    pub(crate) resume: Option<Type>,
    pub(crate) krate: Option<Path>,
}

/// The options of `#[step]`.
pub(crate) const STEP: &[&str] = &["retries", "backoff", "timeout", "id", "marker", "crate"];
/// The options of `#[suspend]`.
pub(crate) const SUSPEND: &[&str] = &["resume", "id", "marker", "crate"];

struct Setting {
    key: Ident,
    value: TokenStream,
    span: Span,
}

impl Parse for Setting {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.call(<Ident as syn::ext::IdentExt>::parse_any)?;
        input.parse::<Token![=]>().map_err(|_| syn::Error::new(key.span(), format!("`{key}` needs a value: `{key} = ..`")))?;
        let span = input.span();
        let mut value = TokenStream::new();
        while !input.is_empty() && !input.peek(Token![,]) {
            value.extend([input.parse::<proc_macro2::TokenTree>()?]);
        }
        Ok(Self { key, value, span })
    }
}

impl Options {
    /// Reads the options; what is wrong is reported, and the rest taken.
    pub(crate) fn parse(tokens: TokenStream, attribute: &str, known: &[&str], errors: &mut Errors) -> Self {
        let mut options = Self::default();
        let settings = match Punctuated::<Setting, Token![,]>::parse_terminated.parse2(tokens) {
            Ok(settings) => settings,
            Err(error) => {
                errors.push(error);
                return options;
            }
        };
        let mut seen = Vec::new();
        for setting in settings {
            let key = setting.key.to_string();
            if !known.contains(&key.as_str()) {
                let list: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
                errors.at(setting.key.span(), format!("`#[{attribute}]` has no option `{key}`; it has {}", list.join(", ")));
            } else if seen.contains(&key) {
                errors.at(setting.key.span(), format!("`{key}` is given twice"));
            } else if let Err(error) = options.set(&key, setting) {
                errors.push(error);
            }
            seen.push(key);
        }
        options
    }

    fn set(&mut self, key: &str, Setting { value, span, .. }: Setting) -> syn::Result<()> {
        match key {
            "retries" => {
                let wrong = |_| syn::Error::new(span, "`retries` is a number of further attempts: `retries = 3`");
                self.retries = syn::parse2::<LitInt>(value).and_then(|lit| lit.base10_parse()).map_err(wrong)?;
            }
            "timeout" => self.timeout = Some(duration(&text(value, span, "a time such as `\"2m\"`")?)?),
            "backoff" => self.backoff = Some(range(&text(value, span, "a time such as `\"200ms\"`, or `\"200ms..30s\"`")?)?),
            "id" => self.id = Some(stored_name(text(value, span, "a stored name such as `\"research\"`")?)?),
            "marker" => {
                let wrong = |_| syn::Error::new(span, "`marker` is a name: `marker = Research`");
                self.marker = Some(syn::parse2(value).map_err(wrong)?);
            }
            "crate" => self.krate = Some(absolute(syn::parse2(value)?)?),
            _ => {
                let wrong = |_| syn::Error::new(span, "`resume` is the type of the answer: `resume = Decision`");
                self.resume = Some(syn::parse2(value).map_err(wrong)?);
            }
        }
        Ok(())
    }

    /// The path of the runtime crate's private door.
    pub(crate) fn private(&self) -> TokenStream {
        self.private_at(Span::call_site())
    }

    /// The same, placed where the user wrote what it speaks of.
    pub(crate) fn private_at(&self, span: Span) -> TokenStream {
        match &self.krate {
            Some(path) => quote_spanned!(span=> #path::__private),
            None => quote_spanned!(span=> ::flow_runtime::__private),
        }
    }
}

fn text(value: TokenStream, span: Span, what: &str) -> syn::Result<LitStr> {
    match syn::parse2(value) {
        Ok(Lit::Str(text)) => Ok(text),
        _ => Err(syn::Error::new(span, format!("write {what}"))),
    }
}

fn absolute(path: Path) -> syn::Result<Path> {
    let first = path.segments.first().map(|segment| segment.ident.to_string()).unwrap_or_default();
    if path.leading_colon.is_some() || first == "crate" {
        return Ok(path);
    }
    Err(syn::Error::new_spanned(&path, format!("write an absolute path: `crate = ::{first}`")))
}

/// Stored names are parts of paths, so a separator in one would make two paths alike.
fn stored_name(name: LitStr) -> syn::Result<LitStr> {
    let text = name.value();
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { Ok(name) } else { Err(syn::Error::new(name.span(), "a stored name has letters, digits and `_` only")) }
}

fn range(text: &LitStr) -> syn::Result<(Duration, Duration)> {
    let value = text.value();
    let (first, max) = value.split_once("..").unwrap_or((&value, "30s"));
    let (first, max) = (duration_of(first, text)?, duration_of(max, text)?);
    if first > max {
        return Err(syn::Error::new(text.span(), "the first wait is longer than the longest: write `\"200ms..30s\"`"));
    }
    Ok((first, max))
}

fn duration(text: &LitStr) -> syn::Result<Duration> {
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

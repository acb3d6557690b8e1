//! The options in the brackets of an attribute: `retries = 3, timeout = "2m"`.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, Lit, LitInt, LitStr, Path, Token, Type};

use super::times::{self, Limit};
use crate::diagnostic::Errors;

/// Everything an attribute may say. Which of it belongs to which attribute, `known` tells.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) retries: u32,
    pub(crate) timeout: Option<Duration>,
    pub(crate) backoff: Option<(Duration, Duration)>,
    pub(crate) retry_if: Option<Expr>,
    pub(crate) cache: Option<Duration>,
    pub(crate) limit: Option<Limit>,
    pub(crate) blocking: bool,
    pub(crate) id: Option<LitStr>,
    pub(crate) migrate: Option<Path>,
    pub(crate) marker: Option<Ident>,
    pub(crate) resume: Option<Type>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) krate: Option<Path>,
    /// What was given, at the user's tokens.
    given: Vec<Ident>,
}

/// The options of `#[step]`.
pub(crate) const STEP: &[&str] =
    &["retries", "backoff", "retry_if", "timeout", "cache", "limit", "blocking", "id", "marker", "crate"];
/// The options of `#[suspend]`.
pub(crate) const SUSPEND: &[&str] = &["resume", "deadline", "id", "marker", "crate"];
/// The options of `#[workflow]`, in the header.
pub(crate) const WORKFLOW: &[&str] = &["id", "migrate", "crate"];
/// The options of `#[provide]`.
const PROVIDE: &[&str] = &["crate"];
/// What stands alone.
const FLAGS: &[&str] = &["blocking"];

struct Setting {
    key: Ident,
    value: TokenStream,
    span: Span,
}

impl Parse for Setting {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.call(<Ident as syn::ext::IdentExt>::parse_any)?;
        let span = key.span();
        if FLAGS.iter().any(|flag| key == flag) && !input.peek(Token![=]) {
            return Ok(Self { key, value: TokenStream::new(), span });
        }
        input.parse::<Token![=]>().map_err(|_| syn::Error::new(span, format!("`{key}` needs a value: `{key} = ..`")))?;
        let span = input.span();
        // The comma in `HashMap<K, V>` is part of the value.
        let (mut value, mut open) = (TokenStream::new(), 0_usize);
        while !input.is_empty() && (open > 0 || !input.peek(Token![,])) {
            if input.peek(Token![->]) || input.peek(Token![=>]) {
                value.extend([input.parse::<proc_macro2::TokenTree>()?]);
            } else if input.peek(Token![<]) {
                open += 1;
            } else if input.peek(Token![>]) {
                open = open.saturating_sub(1);
            }
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
        for setting in settings {
            let key = setting.key.to_string();
            if !known.contains(&key.as_str()) {
                errors.at(setting.key.span(), unknown(attribute, &key, known));
            } else if options.given(&key).is_some() {
                errors.at(setting.key.span(), format!("`{key}` is given twice"));
            } else {
                options.given.push(setting.key.clone());
                options.set(&key, setting).unwrap_or_else(|error| errors.push(error));
            }
        }
        if errors.is_empty() {
            options.refuse_idle(errors);
        }
        options
    }

    /// Where an option was given.
    pub(super) fn given(&self, key: &str) -> Option<Span> {
        self.given.iter().find(|given| *given == key).map(Ident::span)
    }

    /// Between attempts there must be some: `retry_if` and `backoff` alone do nothing.
    fn refuse_idle(&self, errors: &mut Errors) {
        if self.given("retries").is_some() {
            return;
        }
        if let Some((key, span)) = ["retry_if", "backoff"].iter().find_map(|key| Some((key, self.given(key)?))) {
            errors.at(span, format!("`{key}` does nothing without further attempts: add `retries = 3`"));
        }
    }

    /// Takes `#[workflow(..)]` off the header of a workflow.
    pub(crate) fn of_workflow(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Self {
        Self::of_attribute(attrs, "workflow", WORKFLOW, errors)
    }

    /// Reads `#[provide(..)]` of a struct.
    pub(crate) fn of_app(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Self {
        Self::of_attribute(attrs, "provide", PROVIDE, errors)
    }

    /// Several attributes of one name are one.
    fn of_attribute(attrs: &mut Vec<Attribute>, name: &str, known: &[&str], errors: &mut Errors) -> Self {
        let mut tokens = TokenStream::new();
        attrs.retain(|attr| {
            if !attr.path().is_ident(name) {
                return true;
            }
            match attr.meta.require_list() {
                Ok(list) => {
                    let options = &list.tokens;
                    tokens.extend(if tokens.is_empty() { quote!(#options) } else { quote!(, #options) });
                }
                Err(_) => errors.under(attr, format!("write its options in brackets: `#[{name}({} = ..)]`", known[0])),
            }
            false
        });
        Self::parse(tokens, name, known, errors)
    }

    fn set(&mut self, key: &str, Setting { value, span, .. }: Setting) -> syn::Result<()> {
        match key {
            "retries" => {
                let wrong = |_| syn::Error::new(span, "`retries` is a number of further attempts: `retries = 3`");
                self.retries = syn::parse2::<LitInt>(value).and_then(|lit| lit.base10_parse()).map_err(wrong)?;
            }
            "timeout" => self.timeout = Some(times::duration(&text(value, span, "a time such as `\"2m\"`")?)?),
            "deadline" => self.deadline = Some(times::duration(&text(value, span, "how long an answer may take: `\"7d\"`")?)?),
            "cache" => self.cache = Some(times::duration(&text(value, span, "how long a result is good for: `\"10m\"`")?)?),
            "backoff" => {
                self.backoff = Some(times::range(&text(value, span, "a time such as `\"200ms\"`, or `\"200ms..30s\"`")?)?);
            }
            "limit" => self.limit = Some(times::limit(&text(value, span, times::LIMIT)?)?),
            "retry_if" => {
                let wrong = |_| syn::Error::new(span, "`retry_if` is a function of the error: `retry_if = is_busy`");
                self.retry_if = Some(syn::parse2(value).map_err(wrong)?);
            }
            "blocking" => {
                self.blocking = true;
                if !value.is_empty() {
                    return Err(syn::Error::new(span, "`blocking` takes no value: write `blocking` alone"));
                }
            }
            "id" => self.id = Some(stored_name(text(value, span, "a stored name such as `\"research\"`")?)?),
            "migrate" => {
                let wrong = |_| syn::Error::new(span, "`migrate` is the path of a function: `migrate = from_older`");
                self.migrate = Some(syn::parse2(value).map_err(wrong)?);
            }
            "marker" => {
                let wrong = |_| syn::Error::new(span, "`marker` is a name: `marker = Research`");
                self.marker = Some(syn::parse2(value).map_err(wrong)?);
            }
            "crate" => {
                let wrong = |_| syn::Error::new(span, "`crate` is a path: `crate = ::my::flow`");
                self.krate = Some(absolute(syn::parse2(value).map_err(wrong)?)?);
            }
            _ => {
                let wrong = |_| syn::Error::new(span, "`resume` is the type of the answer: `resume = Decision`");
                self.resume = Some(syn::parse2(value).map_err(wrong)?);
            }
        }
        Ok(())
    }
}

fn unknown(attribute: &str, key: &str, known: &[&str]) -> String {
    match (attribute, key) {
        ("suspend", "retries" | "backoff" | "retry_if") => {
            format!("nothing fails in a `#[suspend]`, so `{key}` does nothing: put it on the `#[step]` that fails")
        }
        ("suspend", "timeout") => {
            "a `#[suspend]` runs for no time; how long an answer may take is its `deadline`: `deadline = \"7d\"`".to_owned()
        }
        ("step", "deadline") => "how long a `#[step]` may take is its `timeout`: `timeout = \"2m\"`".to_owned(),
        _ => {
            let list: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
            format!("`#[{attribute}]` has no option `{key}`; it has {}", list.join(", "))
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
    if path.leading_colon.is_some() || first == "crate" || first == "$crate" {
        return Ok(path);
    }
    let text = quote!(#path).to_string().replace(' ', "");
    Err(syn::Error::new_spanned(&path, format!("write an absolute path: `crate = ::{text}`")))
}

/// Stored names are parts of paths, so a separator in one would make two paths alike.
fn stored_name(name: LitStr) -> syn::Result<LitStr> {
    let text = name.value();
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { Ok(name) } else { Err(syn::Error::new(name.span(), "a stored name has letters, digits and `_` only")) }
}

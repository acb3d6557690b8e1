//! `pub Content<Brief -> Article>(brief) { .. }`
//!
//! Rule `header`: a workflow has a name, an input, an output, and a name for the input; the input owns its data.
//!
//! ```text
//! workflow! { Greet(name: String) -> String { .. } }       ✗
//! workflow! { Greet<&str -> String>(name) { .. } }         ✗
//! workflow! { Greet<String -> String>(name) { .. } }       ✓
//! ```

use proc_macro2::{Group, Span, TokenStream};
use syn::parse::{Parse, ParseStream};
use syn::visit_mut::VisitMut;
use syn::{Attribute, Block, Ident, LitStr, Path, Stmt, Token, Type, Visibility};

use super::borrow::borrow;
use super::label::Settle;

/// A workflow as it stands in the source.
pub(crate) struct Workflow {
    pub(crate) attrs: Vec<Attribute>,
    /// The stored name, where it is not that of the type.
    pub(crate) id: Option<LitStr>,
    /// The function that makes states of an older shape fit.
    pub(crate) migrate: Option<Path>,
    pub(crate) vis: Visibility,
    pub(crate) name: Ident,
    pub(crate) input: Type,
    pub(crate) output: Type,
    pub(crate) mutable: Option<Token![mut]>,
    pub(crate) binding: Ident,
    pub(crate) body: Body,
    /// What follows, and should not.
    pub(crate) behind: Option<(syn::Error, TokenStream)>,
}

/// What can be read of a workflow whose header is wrong.
pub(crate) struct Name {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) name: Ident,
}

impl Parse for Name {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = Self { attrs: input.call(Attribute::parse_outer)?, vis: input.parse()?, name: input.parse()? };
        input.parse::<TokenStream>()?;
        Ok(name)
    }
}

/// The body, or what stands for it while it is being typed.
pub(crate) enum Body {
    Parsed { brace: Group, stmts: Vec<Stmt> },
    Broken(Group),
}

impl Parse for Workflow {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (attrs, vis) = (input.call(Attribute::parse_outer)?, input.parse()?);
        let begin = |error: syn::Error| {
            syn::Error::new(error.span(), "begin with the name of the workflow: `Name<Input -> Output>(input) { .. }`")
        };
        let name: Ident = input.parse().map_err(begin)?;
        let signature = |error: syn::Error| {
            syn::Error::new(
                error.span(),
                format!("write what goes in and what comes out: `{name}<Input -> Output>(input) {{ .. }}`"),
            )
        };
        input.parse::<Token![<]>().map_err(signature)?;
        let from = input.parse().map_err(signature)?;
        input.parse::<Token![->]>().map_err(signature)?;
        let to = input.parse().map_err(signature)?;
        input.parse::<Token![>]>().map_err(signature)?;
        owned(&from)?;
        owned(&to)?;
        if !input.peek(syn::token::Paren) {
            return Err(signature(input.error("")));
        }
        let (mutable, binding) = parenthesised(input)?;
        let brace: Group = input.parse().map_err(signature)?;
        let body = match syn::parse::Parser::parse2(Block::parse_within, brace.stream()) {
            Ok(mut stmts) => {
                stmts.iter_mut().for_each(|stmt| Settle.visit_stmt_mut(stmt));
                Body::Parsed { brace, stmts }
            }
            Err(_) => Body::Broken(brace),
        };
        let mut behind = None;
        if !input.is_empty() {
            let error = input.error("one `workflow!` holds one workflow: begin another `workflow!` here");
            behind = Some((error, input.parse()?));
        }
        Ok(Self { behind, attrs, id: None, migrate: None, vis, name, input: from, output: to, mutable, binding, body })
    }
}

fn owned(ty: &Type) -> syn::Result<()> {
    match borrow(ty) {
        Some(span) => Err(syn::Error::new(
            span,
            "what goes into a workflow or comes out of it is stored, so it must own its data: write a type such as `String` for `&str`",
        )),
        None => Ok(()),
    }
}

fn parenthesised(input: ParseStream<'_>) -> syn::Result<(Option<Token![mut]>, Ident)> {
    let content;
    syn::parenthesized!(content in input);
    let binding = (content.parse()?, content.parse()?);
    if content.is_empty() {
        Ok(binding)
    } else {
        Err(content.error("a workflow takes one input, by one name: make it a struct of what it needs"))
    }
}

impl Body {
    /// The tokens between the braces.
    pub(crate) fn tokens(&self) -> TokenStream {
        match self {
            Self::Parsed { brace, .. } | Self::Broken(brace) => brace.stream(),
        }
    }

    /// The braces.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Parsed { brace, .. } | Self::Broken(brace) => brace.span(),
        }
    }
}

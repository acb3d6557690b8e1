//! The drawing in the documentation of a workflow. It is laid out only where the documentation is built: until then it is
//! a few tokens in an attribute.
//!
//! ```text
//! #[cfg_attr(doc, doc = ::flow_runtime::__private::drawn!(["research" "" Step -] .. ; [0 1 ""] ..))]
//! ```

use flow_drawing::{Edge, Node, Picture, Shape};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{LitInt, LitStr, Token, bracketed};

/// The picture as a string.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    match syn::parse2::<Drawn>(input) {
        Ok(Drawn(picture)) => {
            // No empty line in it: that would end the block of HTML.
            let svg = flow_drawing::svg(&picture).replace('\n', " ");
            let text = format!("\n\n<div style=\"overflow-x:auto\">{svg}</div>\n");
            quote!(#text)
        }
        Err(error) => error.into_compile_error(),
    }
}

/// What the macro takes.
pub(crate) fn tokens(picture: &Picture) -> TokenStream {
    let nodes = picture.nodes.iter().map(|node| {
        let Node { label, note, shape, parent } = node;
        let shape = quote::format_ident!("{}", format!("{shape:?}"));
        let parent = parent.map_or_else(|| quote!(-), |parent| quote!(#parent));
        quote!([#label #note #shape #parent])
    });
    let edges = picture.edges.iter().map(|Edge { from, to, label }| quote!([#from #to #label]));
    quote!(#(#nodes)* ; #(#edges)*)
}

struct Drawn(Picture);

impl Parse for Drawn {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (mut nodes, mut edges) = (Vec::new(), Vec::new());
        while !input.peek(Token![;]) {
            nodes.push(node(input)?);
        }
        input.parse::<Token![;]>()?;
        while !input.is_empty() {
            edges.push(edge(input)?);
        }
        Ok(Self(Picture { nodes, edges }))
    }
}

fn node(input: ParseStream<'_>) -> syn::Result<Node> {
    let inside;
    bracketed!(inside in input);
    let (label, note, shape) = (inside.parse::<LitStr>()?.value(), inside.parse::<LitStr>()?.value(), inside.parse::<Ident>()?);
    let parent =
        if inside.parse::<Option<Token![-]>>()?.is_some() { None } else { Some(inside.parse::<LitInt>()?.base10_parse()?) };
    Ok(Node { label, note, shape: self::shape(&shape), parent })
}

fn edge(input: ParseStream<'_>) -> syn::Result<Edge> {
    let inside;
    bracketed!(inside in input);
    let (from, to) = (inside.parse::<LitInt>()?.base10_parse()?, inside.parse::<LitInt>()?.base10_parse()?);
    Ok(Edge { from, to, label: inside.parse::<LitStr>()?.value() })
}

fn shape(name: &Ident) -> Shape {
    match name.to_string().as_str() {
        "Start" => Shape::Start,
        "Done" => Shape::Done,
        "Branch" => Shape::Branch,
        "Wait" => Shape::Wait,
        "Frame" => Shape::Frame,
        _ => Shape::Step,
    }
}

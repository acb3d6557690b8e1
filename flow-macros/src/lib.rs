//! The macros of flow. They are documented where they are re-exported, in `flow-runtime`.

mod workflow;

mod syntax;

mod graph;

mod check;

mod expand;

mod diagnostic;
mod node;

#[cfg(test)]
mod never_panics;

use proc_macro::TokenStream;

#[expect(missing_docs, reason = "documented where flow-runtime re-exports it")]
#[proc_macro]
pub fn workflow(input: TokenStream) -> TokenStream {
    workflow::expand(input.into()).into()
}

#[expect(missing_docs, reason = "documented where flow-runtime re-exports it")]
#[proc_macro_attribute]
pub fn step(options: TokenStream, item: TokenStream) -> TokenStream {
    let options = options.into();
    let names = node::names::offered(&options, "step", node::options::STEP);
    [names, node::step::expand(options, item.into())].into_iter().collect::<proc_macro2::TokenStream>().into()
}

#[expect(missing_docs, reason = "documented where flow-runtime re-exports it")]
#[proc_macro_attribute]
pub fn suspend(options: TokenStream, item: TokenStream) -> TokenStream {
    let options = options.into();
    let names = node::names::offered(&options, "suspend", node::options::SUSPEND);
    [names, node::suspend::expand(options, item.into())].into_iter().collect::<proc_macro2::TokenStream>().into()
}

#[expect(missing_docs, reason = "documented where flow-runtime re-exports it")]
#[proc_macro_derive(Provide, attributes(provide))]
pub fn provide(item: TokenStream) -> TokenStream {
    node::provide::expand(item.into()).into()
}

//! The macros of flow. They are documented where they are re-exported, in `flow-runtime`.

mod workflow;

mod syntax;

mod graph;

mod check;

mod expand;

mod diagnostic;
mod drawn;
mod node;
mod runtime_path;

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
    node::step::expand(options.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented where flow-runtime re-exports it")]
#[proc_macro_attribute]
pub fn suspend(options: TokenStream, item: TokenStream) -> TokenStream {
    node::suspend::expand(options.into(), item.into()).into()
}

#[expect(missing_docs, reason = "what rust-analyzer reads in place of `workflow`")]
#[proc_macro]
pub fn workflow_in_editor(input: TokenStream) -> TokenStream {
    workflow::in_editor(input.into()).into()
}

#[expect(missing_docs, reason = "what rust-analyzer reads in place of `step`")]
#[proc_macro_attribute]
pub fn step_in_editor(options: TokenStream, item: TokenStream) -> TokenStream {
    node::step::in_editor(options.into(), item.into()).into()
}

#[expect(missing_docs, reason = "what rust-analyzer reads in place of `suspend`")]
#[proc_macro_attribute]
pub fn suspend_in_editor(options: TokenStream, item: TokenStream) -> TokenStream {
    node::suspend::in_editor(options.into(), item.into()).into()
}

/// The drawing of a workflow in its documentation.
#[doc(hidden)]
#[proc_macro]
pub fn drawn(input: TokenStream) -> TokenStream {
    drawn::expand(input.into()).into()
}

#[expect(missing_docs, reason = "documented where flow-runtime re-exports it")]
#[proc_macro_derive(Provide, attributes(provide))]
pub fn provide(item: TokenStream) -> TokenStream {
    node::provide::expand(item.into()).into()
}

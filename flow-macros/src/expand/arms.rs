//! The arms at a place: each is an `async` block with a machine of its own; it borrows what it reads from around it.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Expr;

use super::advance::{Emit, machine};
use super::private;
use super::tables::vars_name;
use crate::graph::MachineId;

impl Emit<'_> {
    /// All of them.
    pub(super) fn join(&self, fails_fast: bool, arms: &[MachineId]) -> TokenStream {
        let p = private();
        let names: Vec<_> = (0..arms.len()).map(|index| format_ident!("__arm_{index}")).collect();
        let blocks = arms.iter().map(|arm| self.named_arm(*arm));
        let value = settled(fails_fast, &quote!(#p::futures::try_join!(#(#names),*)));
        quote!({ #(let #names = #blocks;)* #value })
    }

    /// The first of them, as a tuple in which only its value stands. After a restart the one that was first stays it.
    pub(super) fn select(&self, arms: &[MachineId]) -> TokenStream {
        let names: Vec<_> = (0..arms.len()).map(|index| format_ident!("__arm_{index}")).collect();
        let blocks = arms.iter().map(|arm| self.named_arm(*arm));
        let called = arms.iter().map(|arm| &self.graph.machines[*arm].name);
        let polls = names.iter().enumerate().map(|(index, name)| {
            let some = quote!(::core::option::Option::Some(__output));
            let values = (0..arms.len()).map(|at| if at == index { some.clone() } else { quote!(::core::option::Option::None) });
            quote! {
                if __won.is_none_or(|__won| __won == #index)
                    && let ::core::task::Poll::Ready(__output) = ::core::future::Future::poll(#name.as_mut(), __task)
                {
                    return ::core::task::Poll::Ready(__output.map(|__output| (#(#values,)*)));
                }
            }
        });
        let first = quote! {
            ::core::future::poll_fn(|__task| {
                #(#polls)*
                ::core::task::Poll::Pending
            }).await
        };
        let value = settled(false, &first);
        quote!({ let __won = __cx.won(&__at, &[#(#called),*]); #(let mut #names = ::core::pin::pin!(#blocks);)* #value })
    }

    /// One for each item.
    pub(super) fn many(&self, fails_fast: bool, arm: MachineId, items: &Expr, limit: Option<&Expr>) -> TokenStream {
        let limit = match limit {
            Some(limit) => quote!(::core::option::Option::Some(#limit)),
            None => quote!(::core::option::Option::None),
        };
        let block = self.arm(arm, &quote!(let (__cx, __item) = __many.begin();));
        let value = settled(fails_fast, &quote!(__many.run(__arm).await));
        quote! {
            {
                let __many = __cx.many(&__at, #items, #limit);
                let __arm = || #block;
                #value
            }
        }
    }

    fn named_arm(&self, arm: MachineId) -> TokenStream {
        let name = &self.graph.machines[arm].name;
        self.arm(arm, &quote!(let __cx = __cx.arm(&__at, #name);))
    }

    fn arm(&self, arm: MachineId, context: &TokenStream) -> TokenStream {
        let (p, found, vars) = (private(), &self.graph.machines[arm], vars_name(arm));
        let (items, body) = (&found.items, machine(self.graph, arm));
        // An error that is a value is recorded as one; a single node's already stands in its own `Result`.
        let (done, failed) = if found.keeps_error && !found.single {
            let done = quote!(return __cx.finish(__m, ::core::result::Result::<_, #p::Error>::Ok(__output)).await);
            (done, quote!(return __cx.finish(__m, ::core::result::Result::Err(__error)).await))
        } else {
            (quote!(return __cx.finish(__m, __output).await), quote!(return ::core::result::Result::Err(__error)))
        };
        quote! {
            async {
                #context
                let __cx = &__cx;
                let mut __machine = __cx.machine::<#vars>();
                let __m = &mut __machine;
                if let ::core::option::Option::Some(__output) = __cx.open(__m)? {
                    return ::core::result::Result::Ok(__output);
                }
                #(#items)*
                loop {
                    __cx.ready(__m).await?;
                    let __flow: ::core::result::Result<#p::Flow<_>, #p::Error> = async { #body }.await;
                    match __flow {
                        ::core::result::Result::Ok(__flow) => {
                            if let ::core::option::Option::Some(__output) = __cx.turn(__m, __flow).await? {
                                #done
                            }
                        }
                        ::core::result::Result::Err(__error) => #failed,
                    }
                }
            }
        }
    }
}

/// Where the errors of arms are values, what is left is an error of the run.
fn settled(fails_fast: bool, joined: &TokenStream) -> TokenStream {
    if fails_fast {
        return joined.clone();
    }
    quote! {
        match #joined {
            ::core::result::Result::Ok(__values) => __values,
            ::core::result::Result::Err(__error) => return ::core::result::Result::Err(__error),
        }
    }
}

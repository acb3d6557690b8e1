//! The options of a step as a constant.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::quote;

use super::options::Options;
use super::times::Limit;

/// `Policy { retries: 3, .. }`
pub(super) fn expand(options: &Options, p: &TokenStream) -> TokenStream {
    let retries = options.retries;
    let (timeout, cache) = (option(options.timeout.map(time)), option(options.cache.map(time)));
    let backoff = match options.backoff {
        Some((first, max)) => {
            let (first, max) = (time(first), time(max));
            quote!(#p::Backoff { first: #first, max: #max })
        }
        None => quote!(#p::Backoff::DEFAULT),
    };
    let limit = option(options.limit.as_ref().map(|Limit { name, at_once, every }| {
        let (at_once, every) = (option(at_once.map(|number| quote!(#number))), option(every.map(time)));
        quote!(#p::Limit { name: #name, at_once: #at_once, every: #every })
    }));
    quote!(#p::Policy { retries: #retries, backoff: #backoff, timeout: #timeout, cache: #cache, limit: #limit })
}

fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

pub(super) fn time(time: Duration) -> TokenStream {
    let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    quote!(::core::time::Duration::from_nanos(#nanos))
}

//! A machine with many blocks is cut into several functions: rustc looks at all that a function holds at each of its awaits, so
//! one function would cost the square of its places.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::advance::{blocks, machine, number};
use super::{private, requirements};
use crate::graph::{BlockId, Graph, MachineId};
use crate::syntax::Workflow;

/// How many blocks a function has, unless more of them go to each other. A machine of twice as many is not cut.
const BLOCKS: usize = 12;

/// What runs the machine of the workflow, and the functions it calls.
pub(super) struct Parts {
    pub(super) functions: TokenStream,
    pub(super) body: TokenStream,
}

/// ```text
/// match __m.place() { 0 | 1 | .. => __part_0(__m, __cx).await, .. }
/// ```
pub(super) fn expand(workflow: &Workflow, graph: &Graph) -> Parts {
    let items = &graph.machines[0].items;
    // Items of the body stand in one function: a `static` is one.
    if graph.machines[0].order.len() <= 2 * BLOCKS || !items.is_empty() {
        let body = machine(graph, 0);
        return Parts { functions: TokenStream::new(), body: quote!(#(#items)* #body) };
    }
    let groups = groups(graph);
    let names: Vec<_> = (0..groups.len()).map(|part| format_ident!("__part_{part}")).collect();
    let functions = names.iter().zip(&groups).map(|(name, group)| {
        let (p, output) = (private(), &workflow.name);
        let (requires, body) = (requirements(graph, |at| within(graph, group, at)), blocks(graph, 0, group));
        quote! {
            async fn #name<'m, __A: ::core::marker::Send + ::core::marker::Sync>(
                __m: &'m mut #p::Machine<__Vars0>,
                __cx: &'m #p::Cx<'_, __A>,
            ) -> ::core::result::Result<#p::Flow<<#output as #p::Node>::Output>, #p::Error> #requires {
                let (__m, __cx) = <#p::Gate<__ACCEPTED> as #p::Pass<_>>::pass((__m, __cx));
                #body
            }
        }
    });
    let arms = names.iter().zip(&groups).map(|(name, group)| {
        let places = graph.machines[0].places.len();
        let numbers = group.iter().map(|block| number(graph, 0, *block)).filter(|number| *number <= places);
        quote!(#(#numbers)|* => #name(__m, __cx).await,)
    });
    let body = quote!(match usize::from(__m.place()) { #(#arms)* _ => ::core::unreachable!() });
    Parts { functions: quote!(#(#functions)*), body }
}

/// The blocks by functions. Those that go to each other are together: what they hand on stands in locals.
fn groups(graph: &Graph) -> Vec<Vec<BlockId>> {
    let machine = &graph.machines[0];
    let mut first: Vec<BlockId> = (0..machine.blocks.len()).collect();
    let find = |first: &[BlockId], mut block: BlockId| {
        while first[block] != block {
            block = first[block];
        }
        block
    };
    for block in &machine.order {
        for pred in &machine.blocks[*block].preds {
            let (one, other) = (find(&first, *block), find(&first, *pred));
            first[one.max(other)] = one.min(other);
        }
    }
    let mut groups: Vec<Vec<BlockId>> = Vec::new();
    let mut of = vec![None; machine.blocks.len()];
    for block in &machine.order {
        let root = find(&first, *block);
        let group = *of[root].get_or_insert_with(|| {
            if groups.last().is_none_or(|group| group.len() >= BLOCKS) {
                groups.push(Vec::new());
            }
            groups.len() - 1
        });
        groups[group].push(*block);
    }
    groups
}

/// Whether a place of a machine, or the one it is an arm of, stands in one of the blocks.
fn within(graph: &Graph, blocks: &[BlockId], (mut machine, mut place): (MachineId, usize)) -> bool {
    while let Some(parent) = graph.machines[machine].parent {
        (machine, place) = parent;
    }
    blocks.iter().any(|block| number(graph, 0, *block) == place + 1)
}

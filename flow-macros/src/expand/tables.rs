//! The variables of each machine, and the tables that say where which of them is alive.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use super::{awaited, private};
use crate::graph::{Graph, Machine, MachineId, Origin, Place, PlaceKind, VarId, VarType, Vars};
use crate::syntax::{Mode, Workflow};

/// The stored variables of a machine: each has a field, and an index.
pub(super) struct Slots(Vec<(VarId, Ident)>);

impl Slots {
    pub(super) fn of(graph: &Graph, machine: MachineId) -> Self {
        let mut vars = Vars::new();
        if machine == 0 {
            vars.insert(0);
        }
        graph.machines[machine].places.iter().for_each(|place| vars.extend(kept(graph, place)));
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        let fields = vars.into_iter().map(|var| {
            let name = var_name(graph, machine, var);
            let count = names.entry(name.clone()).or_default();
            *count += 1;
            let field = if *count == 1 { format_ident!("v_{name}") } else { format_ident!("v_{name}_{count}") };
            (var, field)
        });
        Self(fields.collect())
    }

    pub(super) fn field(&self, var: VarId) -> Option<Ident> {
        self.0.iter().find(|(known, _)| *known == var).map(|(_, field)| field.clone())
    }

    fn index(&self, var: VarId) -> Option<u16> {
        self.0.iter().position(|(known, _)| *known == var).map(|at| at as u16)
    }
}

/// What a place may keep: what is alive behind it, and what its arguments read.
fn kept(graph: &Graph, place: &Place) -> Vars {
    place.live.union(&place.uses).copied().filter(|var| !graph.is_rebuilt(*var)).collect()
}

/// The variables that only the arguments of a place read.
pub(super) fn only_args(graph: &Graph, place: &Place) -> Vec<VarId> {
    place.uses.difference(&place.live).copied().filter(|var| !graph.is_rebuilt(*var)).collect()
}

/// The variables alive behind a place.
pub(super) fn alive(graph: &Graph, place: &Place) -> Vec<VarId> {
    place.live.iter().copied().filter(|var| !graph.is_rebuilt(*var)).collect()
}

/// The stored name of a variable; a hidden value is named after its place.
pub(super) fn var_name(graph: &Graph, machine: MachineId, var: VarId) -> String {
    let found = &graph.vars[var];
    if let Origin::Temp = found.origin
        && let Some(place) = graph.machines[machine].places.iter().find(|place| place.value == var)
    {
        return place.name.clone();
    }
    if let Origin::Turn(stored) = &found.origin {
        return stored.clone();
    }
    found.name.to_string().trim_start_matches("r#").to_owned()
}

/// The type of a stored variable.
pub(super) fn var_type(graph: &Graph, var: VarId) -> TokenStream {
    type_of(&graph.vars[var].ty)
}

fn type_of(ty: &VarType) -> TokenStream {
    let p = private();
    match ty {
        VarType::Written(ty) => ty.to_token_stream(),
        VarType::Output(path) => {
            let node = awaited::node(path);
            quote!(<#node as #p::Node>::Output)
        }
        VarType::Result(path) => {
            let node = awaited::node(path);
            quote!(::core::result::Result<<#node as #p::Node>::Output, #p::StepError>)
        }
        VarType::List(item) => {
            let item = type_of(item);
            quote!(::std::vec::Vec<#item>)
        }
        VarType::Tuple(_) | VarType::Reference { .. } | VarType::Refused | VarType::Unknown => quote!(()),
    }
}

/// ```text
/// struct __Vars0 { v_brief: Slot<Brief>, .. }
/// impl Slots for __Vars0 { const LAYOUT: .. = &Layout { vars, places }; fn slot(..) { match index { 0 => .. } } }
/// ```
pub(super) fn expand(graph: &Graph) -> TokenStream {
    (0..graph.machines.len()).map(|machine| one(graph, machine)).collect()
}

fn one(graph: &Graph, machine: MachineId) -> TokenStream {
    let (p, slots, name) = (private(), Slots::of(graph, machine), vars_name(machine));
    let fields = slots.0.iter().map(|(var, field)| {
        let ty = var_type(graph, *var);
        quote!(pub #field: #p::Slot<#ty>)
    });
    let names = slots.0.iter().map(|(var, _)| var_name(graph, machine, *var));
    let arms = slots.0.iter().enumerate().map(|(index, (_, field))| {
        let index = index as u16;
        quote!(#index => &mut __vars.#field)
    });
    let places = places(graph, &graph.machines[machine], &slots);
    let shapes = shapes(graph, &graph.machines[machine]);
    let single = graph.machines[machine].single;
    quote! {
        #[derive(Default)]
        pub struct #name { #(#fields),* }
        impl #p::Slots for #name {
            const LAYOUT: &'static #p::Layout = &#p::Layout { vars: &[#(#names),*], places: &[#places], single: #single };
            fn slot(&mut self, __index: u16) -> &mut dyn #p::AnySlot {
                let __vars = <#p::Gate<__STORABLE> as #p::Pass<_>>::pass(self);
                match __index { #(#arms,)* _ => ::core::unreachable!() }
            }
            #shapes
        }
    }
}

/// `const __STORABLE: bool = stored::<Brief>() & ..;`: where a value cannot be stored, rustc says so at the type the user
/// wrote, once.
pub(super) fn judged(workflow: &Workflow, graph: Option<&Graph>) -> TokenStream {
    let mut types = vec![&workflow.input, &workflow.output];
    let vars = graph.iter().flat_map(|graph| {
        let vars = (0..graph.machines.len()).flat_map(|machine| Slots::of(graph, machine).0);
        vars.filter_map(|(var, _)| match &graph.vars[var].ty {
            VarType::Written(ty) => Some(&**ty),
            _ => None,
        })
    });
    types.extend(vars);
    let mut seen: Vec<String> = Vec::new();
    types.retain(|ty| {
        let text = ty.to_token_stream().to_string();
        let new = !seen.contains(&text);
        seen.push(text);
        new
    });
    let p = private();
    let stored = types.iter().map(|ty| quote_spanned!(ty.span()=> #p::rules::stored::<#ty>()));
    quote!(const __STORABLE: bool = #(#stored)&*;)
}

fn places(graph: &Graph, machine: &Machine, slots: &Slots) -> TokenStream {
    let p = private();
    let input = if machine.parent.is_none() { quote!(&[0]) } else { quote!(&[]) };
    let mut tokens = quote!(#p::PlaceLayout::new(#p::NodeKind::Start).at("start", #input, &[]),);
    for place in &machine.places {
        let found = match &place.kind {
            PlaceKind::Node { path, .. } => {
                let node = awaited::node(path);
                quote!(<#node as #p::Judged>::PLACE)
            }
            kind => {
                let kind = arms_kind(kind);
                quote!(#p::PlaceLayout::new(#kind))
            }
        };
        let indices = |vars: Vec<VarId>| vars.into_iter().filter_map(|var| slots.index(var)).collect::<Vec<_>>();
        let (live, args, name) = (indices(alive(graph, place)), indices(only_args(graph, place)), &place.name);
        let was = (!place.was.is_empty()).then(|| {
            let was = &place.was;
            quote!(.was(&[#(#was),*]))
        });
        tokens.extend(quote!(#found.at(#name, &[#(#live),*], &[#(#args),*])#was,));
    }
    tokens
}

/// Where the machines of the arms are, if there are any.
fn shapes(graph: &Graph, machine: &Machine) -> TokenStream {
    let p = private();
    let mut arms = Vec::new();
    for (index, place) in machine.places.iter().enumerate() {
        let machines = match &place.kind {
            PlaceKind::Node { .. } => &[][..],
            PlaceKind::Join { arms, .. } => arms,
            PlaceKind::Many { arm, .. } => std::slice::from_ref(arm),
        };
        // The first place of the tables is the start.
        let place = index as u16 + 1;
        arms.extend(machines.iter().map(|arm| {
            let (found, vars) = (&graph.machines[*arm], vars_name(*arm));
            let name = if found.item.is_some() { "" } else { &found.name };
            let shape = match output(found) {
                Some(output) => quote!(#p::arm_shape::<#vars, #output>),
                None => quote!(#p::shape::<#vars>),
            };
            quote!(#p::Arm { place: #place, name: #name, shape: #shape })
        }));
    }
    if arms.is_empty() {
        return TokenStream::new();
    }
    quote!(fn arms() -> ::std::vec::Vec<#p::Arm> { ::std::vec![#(#arms),*] })
}

/// What an arm gives, where it is one node: the type of a block is known to rustc alone.
fn output(arm: &Machine) -> Option<TokenStream> {
    let [Place { kind: PlaceKind::Node { path, .. }, .. }] = &arm.places[..] else { return None };
    let path = Box::new(path.clone());
    let output = if arm.keeps_error { VarType::Result(path) } else { VarType::Output(path) };
    arm.single.then(|| type_of(&output))
}

/// The kind of a place where arms run.
pub(super) fn arms_kind(kind: &PlaceKind) -> TokenStream {
    let p = private();
    match kind {
        PlaceKind::Join { mode: Mode::First, .. } => quote!(#p::NodeKind::Select),
        PlaceKind::Many { .. } => quote!(#p::NodeKind::JoinAll),
        PlaceKind::Join { .. } | PlaceKind::Node { .. } => quote!(#p::NodeKind::Join),
    }
}

pub(super) fn vars_name(machine: MachineId) -> Ident {
    format_ident!("__Vars{machine}")
}

/// The machine at its start, with the input.
pub(super) fn start(graph: &Graph) -> TokenStream {
    let (p, slots) = (private(), Slots::of(graph, 0));
    let field = slots.field(0);
    quote! {
        let mut __machine = #p::Machine::<__Vars0>::default();
        __machine.vars.#field.set(__input);
        __machine
    }
}

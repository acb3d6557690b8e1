//! The public enum of a machine: one variant a place, with the variables alive there.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, LitStr};

use super::tables::{alive, only_args, var_name, var_type};
use super::{awaited, private, state_name, stored_name};
use crate::diagnostic::pascal;
use crate::graph::{Graph, MachineId, Place, PlaceKind, VarId};
use crate::syntax::Workflow;

/// The enums, and what is implemented for them.
pub(super) fn expand(workflow: &Workflow, graph: &Graph) -> (TokenStream, TokenStream) {
    let machines = 0..graph.machines.len();
    machines.filter(|machine| !graph.machines[*machine].single).map(|machine| one(workflow, graph, machine)).unzip()
}

/// One variant, ready to be written in each of its three forms.
struct Variant {
    name: Ident,
    place: String,
    was: Vec<LitStr>,
    doc: String,
    fields: Vec<Field>,
    waits: Option<TokenStream>,
}

struct Field {
    name: Ident,
    stored: String,
    ty: TokenStream,
    read: TokenStream,
}

/// ```text
/// pub enum ContentState { Start { brief: Brief }, Research { brief: Brief, waits: () }, .. }
/// impl State for ContentState { fn from_frame(..), fn to_frame(..) }
/// impl Serialize, Deserialize
/// ```
fn one(workflow: &Workflow, graph: &Graph, machine: MachineId) -> (TokenStream, TokenStream) {
    let (p, vis, name) = (private(), &workflow.vis, enum_name(workflow, graph, machine));
    let variants = variants(graph, machine);
    let path = machine_path(workflow, graph, machine);
    let doc = format!("The places of `{path}`, each with the variables that are alive there.");
    let items = variants.iter().map(|variant| {
        let Variant { name, doc, fields, waits, .. } = variant;
        let fields = fields.iter().map(|Field { name, ty, stored, .. }| {
            let doc = format!("`{stored}`");
            quote!(#[doc = #doc] #name: #ty)
        });
        let waits = waits.iter().map(|node| quote!(#[doc = "What the place waits for."] waits: <#node as #p::Node>::Waits));
        quote!(#[doc = #doc] #name { #(#fields,)* #(#waits,)* })
    });
    let (reads, writes) = (variants.iter().map(read), variants.iter().map(write));
    let places = variants.iter().map(|variant| &variant.place);
    let item = quote! {
        #[doc = #doc]
        #[allow(private_interfaces, dead_code, unreachable_pub, clippy::large_enum_variant)]
        #vis enum #name<> { #(#items),* }
    };
    let implementation = quote! {
            impl #p::State for #name {
                fn from_frame(__frame: &#p::Frame) -> ::core::result::Result<Self, #p::Error> {
                    let __frame = <#p::Gate<__STORABLE> as #p::Pass<_>>::pass(__frame);
                    match __frame.place.as_str() { #(#reads,)* __place => #p::no_such_place(__place, &[#(#places),*]) }
                }
                fn to_frame(&self) -> ::core::result::Result<#p::Frame, #p::Error> {
                    match self { #(#writes,)* }
                }
            }
            impl ::core::fmt::Debug for #name {
                fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #p::debug_state(self, __f)
                }
            }
            impl #p::serde::Serialize for #name {
                fn serialize<__S: #p::serde::Serializer>(&self, __serializer: __S) -> ::core::result::Result<<__S as #p::serde::Serializer>::Ok, <__S as #p::serde::Serializer>::Error> {
                    #p::serialize_state(self, __serializer)
                }
            }
            impl<'de> #p::serde::Deserialize<'de> for #name {
                fn deserialize<__D: #p::serde::Deserializer<'de>>(__deserializer: __D) -> ::core::result::Result<Self, <__D as #p::serde::Deserializer<'de>>::Error> {
                    #p::deserialize_state(__deserializer)
                }
            }
    };
    (item, implementation)
}

fn read(variant: &Variant) -> TokenStream {
    let Variant { name, place, was, fields, waits, .. } = variant;
    let fields = fields.iter().map(|Field { name, read, .. }| quote!(#name: #read?));
    let p = private();
    let waits = waits.iter().map(|node| quote!(waits: __frame.read_waits(<#node as #p::Judged>::here())?));
    quote!(#place #(| #was)* => ::core::result::Result::Ok(Self::#name { #(#fields,)* #(#waits,)* }))
}

fn write(variant: &Variant) -> TokenStream {
    let (p, Variant { name, place, fields, waits, .. }) = (private(), variant);
    let (names, stored): (Vec<_>, Vec<_>) = fields.iter().map(|field| (&field.name, &field.stored)).unzip();
    let waiting = waits.iter().map(|node| quote!(.waiting(<#node as #p::Judged>::here(), waits)?));
    let bind = waits.iter().map(|_| quote!(waits,));
    quote! {
        Self::#name { #(#names,)* #(#bind)* } => {
            ::core::result::Result::Ok(<#p::Gate<__STORABLE> as #p::Pass<_>>::pass(#p::Frame::at(#place)) #(.with(#stored, #names)?)* #(#waiting)*)
        }
    }
}

fn variants(graph: &Graph, machine: MachineId) -> Vec<Variant> {
    let mut variants = Vec::new();
    let fields = if machine == 0 { vec![field(graph, machine, 0, None)] } else { Vec::new() };
    let doc = "Not at a place yet.".to_owned();
    variants.push(Variant { name: format_ident!("Start"), place: "start".to_owned(), was: Vec::new(), doc, fields, waits: None });
    variants.extend(graph.machines[machine].places.iter().map(|place| variant(graph, machine, place)));
    variants
}

fn variant(graph: &Graph, machine: MachineId, place: &Place) -> Variant {
    let node = match &place.kind {
        PlaceKind::Node { path, .. } => Some(quote!(#path)),
        PlaceKind::Join { .. } | PlaceKind::Many { .. } => None,
    };
    let awaits = match &place.kind {
        PlaceKind::Node { path, .. } => Some(awaited::node(path)),
        PlaceKind::Join { .. } | PlaceKind::Many { .. } => None,
    };
    let mut fields: Vec<_> = alive(graph, place).into_iter().map(|var| field(graph, machine, var, None)).collect();
    fields.extend(only_args(graph, place).into_iter().map(|var| field(graph, machine, var, awaits.as_ref())));
    fields.sort_by_key(|field| graph.vars.iter().position(|var| var.name == field.name));
    let doc = match (&place.kind, &node) {
        (PlaceKind::Join { arms, .. }, _) => {
            let arms: Vec<_> = arms.iter().map(|arm| format!("`{}`", graph.machines[*arm].name)).collect();
            format!("At the join `{}` of {}; each arm has a state of its own.", place.name, arms.join(", "))
        }
        (PlaceKind::Many { .. }, _) => format!("At `{}`, one arm for each item; each arm has a state of its own.", place.name),
        (_, Some(node)) => format!("At `{}`, which awaits `{}`.", place.name, node.to_string().replace(' ', "")),
        _ => String::new(),
    };
    Variant {
        name: format_ident!("{}", pascal(&place.name)),
        place: place.name.clone(),
        was: place.was.clone(),
        doc,
        fields,
        waits: awaits,
    }
}

/// A field; one that only the arguments of a node read is kept as long as the node needs it.
fn field(graph: &Graph, machine: MachineId, var: VarId, only_for: Option<&TokenStream>) -> Field {
    let p = private();
    let (stored, ty) = (var_name(graph, machine, var), var_type(graph, var));
    let name = format_ident!("{stored}");
    match only_for {
        Some(node) => Field {
            name,
            ty: quote!(<#node as #p::Node>::Kept<#ty>),
            read: quote!(__frame.read_kept::<_, #ty>(<#node as #p::Judged>::here(), #stored)),
            stored,
        },
        None => Field { name, ty, read: quote!(__frame.read(#stored)), stored },
    }
}

/// `ContentState`; for an arm `ContentOutlineSeoSeoState`.
fn enum_name(workflow: &Workflow, graph: &Graph, machine: MachineId) -> Ident {
    if machine == 0 {
        return state_name(workflow);
    }
    format_ident!("{}{}State", workflow.name, arm_segments(graph, machine).iter().map(|name| pascal(name)).collect::<String>())
}

fn machine_path(workflow: &Workflow, graph: &Graph, machine: MachineId) -> String {
    let mut path = vec![stored_name(workflow)];
    path.extend(arm_segments(graph, machine));
    path.join("/")
}

fn arm_segments(graph: &Graph, machine: MachineId) -> Vec<String> {
    let Some((parent, place)) = graph.machines[machine].parent else { return Vec::new() };
    let mut segments = arm_segments(graph, parent);
    segments.push(graph.machines[parent].places[place].name.clone());
    // The arms of a `join_all!` are told apart by a number.
    if graph.machines[machine].item.is_none() {
        segments.push(graph.machines[machine].name.clone());
    }
    segments
}

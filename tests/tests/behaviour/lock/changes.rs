//! Workflows as they were and as they are after a change, all of one name.

/// The workflow as it was, and as it is after a change.
macro_rules! change {
    ($name:ident { $($old:tt)* } => { $($new:tt)* }) => {
        pub(in crate::lock) mod $name {
            #![allow(unused, unreachable_pub, missing_debug_implementations, missing_docs, reason = "only what is stored counts")]
            pub mod old {
                use crate::lock::ask;
                use serde::{Deserialize, Serialize};
                $($old)*
            }
            pub mod new {
                use crate::lock::ask;
                use serde::{Deserialize, Serialize};
                $($new)*
            }
            pub(in crate::lock) fn versions() -> [crate::lock::versions::Version; 2] {
                use crate::lock::versions::Version;
                let name = stringify!($name);
                [Version::of::<old::Flow>(name, "before"), Version::of::<new::Flow>(name, "after")]
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn lock_and_loader_agree() {
                crate::lock::agree::<old::Flow, new::Flow>(stringify!($name)).await;
            }
        }
    };
}

mod arms;
use arms::*;

/// What is said of each change; nothing, where runs go on.
pub(super) const EXPECTED: &[(&str, Option<&str>)] = &[
    ("code_between", None),
    ("new_place", None),
    ("dead_variable", None),
    ("field_with_default", None),
    ("field_gone", None),
    ("new_variant", None),
    ("wider_number", None),
    ("optional", None),
    ("place_renamed", None),
    ("join_renamed", None),
    ("arm_is_a_block", None),
    ("arm_is_a_node", None),
    ("place_gone", Some("the place `ask` is gone; if it has another name now: `#[at(new, was = \"ask\")]`")),
    ("variable_renamed", Some("`ask` keeps `sum: u32` now, which stored runs do not have")),
    ("other_type", Some("`ask` keeps `total: u32`; it is `String` now")),
    ("field_type", Some("`ask` keeps `draft: Draft`; `Draft.words` was `u32` and is now `String`")),
    ("new_field", Some("`ask` keeps `draft: Draft`; `Draft.title` is new and has no default")),
    ("denied_field", Some("`ask` keeps `draft: Draft`; `Draft.words` is gone, and fields that are not known are refused")),
    ("variant_gone", Some("`ask` keeps `tone: Tone`; `Tone` had the variant `Loud`, which is gone")),
    ("arm_gone", Some("the arm `flow/both/b` is gone")),
    ("join_is_a_step", Some("the arm `flow/both/a` is gone")),
    ("arm_of_renamed_join", Some("`flow/both/a/ask` keeps `total: u32`; it is `String` now")),
    ("finished_arm", Some("`flow/a_b/b/done` keeps `output: u32`; it is `String` now")),
    ("narrower_number", Some("`ask` keeps `total: u32`; it is `u8` now")),
    ("variable_of_an_item", Some("`flow/each[]/ask` keeps `total: u32`; it is `String` now")),
    ("items_gone", Some("the arm `flow/each[]` is gone")),
    ("list_of_a_loop", Some("`ask` keeps `items: Vec<u32>`; `Vec<u32>[..]` was `u32` and is now `String`")),
    ("one_of_two_gone", Some("the arm `flow/first/a` is gone")),
    ("runs_now", Some("`ask` was a suspension and is now a step")),
];

/// What the lock refuses whatever is stored, and the loader only where the value does not fit.
pub(super) const FITS_BY_VALUE: &[&str] = &["narrower_number"];

/// Every workflow that is changed.
pub(super) fn versions() -> Vec<super::versions::Version> {
    macro_rules! all {
        ($($name:ident)*) => { [$($name::versions()),*] };
    }
    let versions = all! {
        code_between new_place dead_variable place_gone variable_renamed other_type wider_number optional field_with_default field_gone field_type new_field denied_field new_variant variant_gone runs_now place_renamed join_renamed arm_gone join_is_a_step arm_is_a_block arm_is_a_node arm_of_renamed_join finished_arm narrower_number variable_of_an_item items_gone list_of_a_loop one_of_two_gone
    };
    assert_eq!(versions.len(), EXPECTED.len());
    versions.into_iter().flatten().collect()
}

change! { code_between {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = if input > 9 { 2 } else { input };
        ask("shall we go?").await?;
        Ok(format!("{total} pieces"))
    } }
} }

change! { new_place {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    #[flow_runtime::step]
    async fn second(n: u32) -> Result<u32, std::io::Error> {
        Ok(n)
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        second(total).await?;
        Ok(total.to_string())
    } }
} }

change! { dead_variable {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        ask("go?").await?;
        Ok(String::new())
    } }
} }

change! { place_gone {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        #[at(question)] ask("go?").await?;
        Ok(total.to_string())
    } }
} }

change! { variable_renamed {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let sum: u32 = input + 1;
        ask("go?").await?;
        Ok(sum.to_string())
    } }
} }

change! { other_type {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: String = input.to_string();
        ask("go?").await?;
        Ok(total)
    } }
} }

change! { wider_number {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = u32::MAX - input;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u64 = u64::from(input);
        ask("go?").await?;
        Ok(total.to_string())
    } }
} }

change! { optional {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: Option<u32> = Some(input);
        ask("go?").await?;
        Ok(format!("{total:?}"))
    } }
} }

change! { field_with_default {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub struct Draft {
        pub text: String,
        pub words: u32,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string(), words: 3 };
        ask("go?").await?;
        Ok(draft.text)
    } }
} => {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub struct Draft {
        pub text: String,
        pub words: u32,
        pub title: Option<String>,
        #[serde(default)]
        pub pages: u32,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string(), words: 3, title: None, pages: 1 };
        ask("go?").await?;
        Ok(draft.text)
    } }
} }

change! { field_gone {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub struct Draft {
        pub text: String,
        pub words: u32,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string(), words: 3 };
        ask("go?").await?;
        Ok(draft.text)
    } }
} => {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub struct Draft {
        pub text: String,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string() };
        ask("go?").await?;
        Ok(draft.text)
    } }
} }

change! { field_type {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub struct Draft {
        pub text: String,
        pub words: u32,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string(), words: 3 };
        ask("go?").await?;
        Ok(draft.text)
    } }
} => {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub struct Draft {
        pub text: String,
        pub words: String,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string(), words: String::new() };
        ask("go?").await?;
        Ok(draft.text)
    } }
} }

change! { new_field {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub struct Draft {
        pub text: String,
        pub words: u32,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string(), words: 3 };
        ask("go?").await?;
        Ok(draft.text)
    } }
} => {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub struct Draft {
        pub text: String,
        pub words: u32,
        pub title: String,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string(), words: 3, title: String::new() };
        ask("go?").await?;
        Ok(draft.text)
    } }
} }

change! { denied_field {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub struct Draft {
        pub text: String,
        pub words: u32,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string(), words: 3 };
        ask("go?").await?;
        Ok(draft.text)
    } }
} => {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    #[serde(deny_unknown_fields)]
    pub struct Draft {
        pub text: String,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string() };
        ask("go?").await?;
        Ok(draft.text)
    } }
} }

change! { new_variant {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub enum Tone {
        Loud,
        Soft,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let tone: Tone = Tone::Loud;
        ask("go?").await?;
        Ok(match tone { Tone::Loud => "l".into(), Tone::Soft => "s".into() })
    } }
} => {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub enum Tone {
        Soft,
        Odd(u32),
        Loud,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let tone: Tone = Tone::Soft;
        ask("go?").await?;
        Ok(match tone { Tone::Loud => "l".into(), Tone::Soft => "s".into(), Tone::Odd(n) => n.to_string() })
    } }
} }

change! { variant_gone {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub enum Tone {
        Loud,
        Soft,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let tone: Tone = Tone::Loud;
        ask("go?").await?;
        Ok(match tone { Tone::Loud => "l".into(), Tone::Soft => "s".into() })
    } }
} => {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub enum Tone {
        Soft,
        Odd,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let tone: Tone = Tone::Soft;
        ask("go?").await?;
        Ok(match tone { Tone::Soft => "s".into(), Tone::Odd => "o".into() })
    } }
} }

change! { runs_now {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    #[flow_runtime::step]
    async fn go(question: &str) -> Result<usize, std::io::Error> {
        Ok(question.len())
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        #[at(ask)] go("go?").await?;
        Ok(total.to_string())
    } }
} }

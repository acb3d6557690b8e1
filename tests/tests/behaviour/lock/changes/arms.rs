//! Changes of what a join, a loop and an arm are.

change! { place_renamed {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        #[at(question, was = "ask")] ask("go?").await?;
        Ok(total.to_string())
    } }
} }

change! { join_renamed {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        let _ = try_join!(#[at(a)] ask("a?"), #[at(b)] async { Ok::<u32, flow_runtime::Error>(total) })?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        let _ = #[at(both, was = "a_b")] try_join!(#[at(a)] ask("a?"), #[at(b)] async { Ok::<u32, flow_runtime::Error>(total) })?;
        Ok(total.to_string())
    } }
} }

change! { arm_gone {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = #[at(both)] try_join!(#[at(a)] ask("a?"), #[at(b)] ask("b?"))?;
        Ok(input.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = #[at(both)] try_join!(#[at(a)] ask("a?"), #[at(c)] ask("c?"))?;
        Ok(input.to_string())
    } }
} }

change! { join_is_a_step {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = #[at(both)] try_join!(#[at(a)] ask("a?"))?;
        Ok(input.to_string())
    } }
} => {
    #[flow_runtime::step]
    async fn go(question: &str) -> Result<usize, std::io::Error> {
        Ok(question.len())
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        #[at(both)] go("a?").await?;
        Ok(input.to_string())
    } }
} }

change! { arm_is_a_block {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = #[at(both)] try_join!(#[at(a)] ask("a?"))?;
        Ok(input.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = #[at(both)] try_join!(#[at(a)] async {
            ask("a?").await?;
            Ok::<u32, flow_runtime::Error>(2)
        })?;
        Ok(input.to_string())
    } }
} }

change! { arm_is_a_node {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = #[at(both)] try_join!(#[at(a)] async {
            ask("a?").await?;
            Ok::<u32, flow_runtime::Error>(2)
        })?;
        Ok(input.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = #[at(both)] try_join!(#[at(a)] ask("a?"))?;
        Ok(input.to_string())
    } }
} }

change! { arm_of_renamed_join {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = #[at(both)] try_join!(#[at(a)] async {
            let total: u32 = input + 1;
            ask("a?").await?;
            Ok::<String, flow_runtime::Error>(total.to_string())
        })?;
        Ok(input.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = #[at(sides, was = "both")] try_join!(#[at(a)] async {
            let total: String = input.to_string();
            ask("a?").await?;
            Ok::<String, flow_runtime::Error>(total)
        })?;
        Ok(input.to_string())
    } }
} }

change! { finished_arm {
    #[flow_runtime::step]
    async fn count(n: u32) -> Result<u32, std::io::Error> {
        Ok(n)
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = try_join!(#[at(a)] ask("a?"), #[at(b)] count(input))?;
        Ok(input.to_string())
    } }
} => {
    #[flow_runtime::step]
    async fn count(n: u32) -> Result<String, std::io::Error> {
        Ok(n.to_string())
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = try_join!(#[at(a)] ask("a?"), #[at(b)] count(input))?;
        Ok(input.to_string())
    } }
} }

change! { narrower_number {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u8 = input as u8;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} }

change! { variable_of_an_item {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let items: Vec<u32> = vec![input];
        let all = #[at(each)] try_join_all!(&items, |item| async {
            let total: u32 = item + 1;
            ask("go?").await?;
            Ok(total)
        })?;
        Ok(format!("{all:?}"))
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let items: Vec<u32> = vec![input];
        let all = #[at(each)] try_join_all!(&items, |item| async {
            let total: String = item.to_string();
            ask("go?").await?;
            Ok(total)
        })?;
        Ok(format!("{all:?}"))
    } }
} }

change! { items_gone {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let items: Vec<u32> = vec![input];
        let all = #[at(each)] try_join_all!(&items, |_item| ask("go?"))?;
        Ok(format!("{all:?} {input}"))
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let all = #[at(each)] try_join!(#[at(a)] ask("go?"))?;
        Ok(format!("{all:?} {input}"))
    } }
} }

change! { list_of_a_loop {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let items: Vec<u32> = vec![input];
        for item in &items {
            ask(&item.to_string()).await?;
        }
        Ok(format!("{items:?}"))
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let items: Vec<String> = vec![input.to_string()];
        for item in &items {
            ask(item).await?;
        }
        Ok(format!("{items:?}"))
    } }
} }

change! { one_of_two_gone {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let said = #[at(first)] select! {
            a = #[at(a)] ask("a?") => a?,
            b = #[at(b)] ask("b?") => b?,
        };
        Ok(format!("{said} {input}"))
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let said = #[at(first)] select! {
            b = #[at(b)] ask("b?") => b?,
            c = #[at(c)] ask("c?") => c?,
        };
        Ok(format!("{said} {input}"))
    } }
} }

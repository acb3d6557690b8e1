// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct Plan {
    research: Research,
}

workflow! {
    pub Write<Plan -> String>(plan) {
        Ok(outline(&plan.research).await?.title)
    }
}

fn main() {}

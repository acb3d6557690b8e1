//! The shortest workflow: two steps, one after the other.
//!
//! ```sh
//! cargo run --example hello -- World
//! ```

use std::convert::Infallible;

use flow_runtime::{step, workflow};

#[step]
async fn greet(name: &str) -> Result<String, Infallible> {
    Ok(format!("Hello, {name}"))
}

#[step]
async fn shout(text: &str) -> Result<String, Infallible> {
    Ok(format!("{}!", text.to_uppercase()))
}

workflow! {
    /// Greets somebody, loudly.
    Hello<String -> String>(name) {
        let greeting = greet(&name).await?;
        shout(&greeting).await
    }
}

#[tokio::main]
async fn main() -> Result<(), flow_runtime::Error> {
    let name = std::env::args().nth(1).unwrap_or_else(|| "World".to_owned());
    println!("{}", Hello::run(&(), name).await.completed()?);
    Ok(())
}

#[cfg(test)]
#[path = "states/hello.rs"]
mod states;

// errors: 1
use flow_runtime::{step, workflow};

#[step]
async fn polish(text: &str) -> Result<String, std::io::Error> {
    Ok(text.to_owned())
}

workflow! {
    Long<String -> String>(text) {
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await?; polish(&text).await?; polish(&text).await?; polish(&text).await?;
        polish(&text).await
    }
}

fn main() {}

// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Article>(draft) {
        let (article, ok) = try_join!(
            #[at(published)]
            async {
                let ready = check(&draft).await?;
                let article = publish(draft).await?;
                Ok(if ready { Some(article) } else { None })
            },
            check(&draft),
        )?;
        let summary = ok.to_string();
        article.map(|article| Article { summary, ..article }).ok_or(Error::new("not ready"))
    }
}

fn main() {}

#![deny(warnings)]

#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Shapes<Research -> String>(research) {
        fn shorter(text: &str) -> &str {
            text.split('.').next().unwrap_or(text)
        }

        let Outline { title } = outline(&research).await?;
        let title: String = title;
        let mut text: Draft = if let Some(notes) = &research.notes
            && !notes.is_empty()
        {
            let words = seo(&research).await?;
            Draft { text: format!("{title} {notes} {}", words.words.concat()) }
        } else {
            Draft { text: title }
        };
        let mut left: u32 = 3;
        let accepted: bool = loop {
            let decision = editor_review(&text).await?;
            match decision {
                Decision { approved: true, .. } => break true,
                Decision { notes, .. } if !notes.is_empty() => {
                    let notes: String = notes;
                    text = revise(&text, shorter(&notes)).await?;
                }
                _ => continue,
            }
            left -= 1;
            if left == 0 {
                break false;
            }
        };
        let (ok, more) = join!(check(&text), #[at(more)] async { Ok((#[at(outlined)] outline(&research).await?.title, left)) });
        if !ok? || !accepted {
            return Err(Error::new(format!("not {more:?}")));
        }
        let Ok(article) = publish(text).await else {
            return Ok("not published".to_owned());
        };
        Ok(article.summary)
    }
}

fn main() {}

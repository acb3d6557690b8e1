// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> String>(research) {
        let mut queue: VecDeque<String> = VecDeque::from(["a".to_owned()]);
        while let Some(word) = queue.pop_front() {
            let outline = outline(&research).await?;
            queue.push_back(outline.title + &word);
        }
        Ok(String::new())
    }
}

fn main() {}

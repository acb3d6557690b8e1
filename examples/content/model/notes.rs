//! Understands the few things an editor's notes may ask of an extract.

use super::sentences::{stems, terms};

/// What the notes ask for.
#[derive(Debug, Default, PartialEq)]
pub struct Wishes {
    /// Words to say more about, as stem and as written.
    pub more: Vec<(String, String)>,
    /// Words not to speak about, as stem and as written.
    pub without: Vec<(String, String)>,
    pub size: Size,
}

/// How the length should change.
#[derive(Debug, Default, PartialEq)]
pub enum Size {
    Shorter,
    #[default]
    Same,
    Longer,
}

/// Words that turn what follows into something unwanted, up to the end of the clause.
const AGAINST: &str = "without drop remove omit less fewer no not avoid skip delete cut don't";
const FOR: &str = "more but with instead";
const SHORTER: &str = "shorter shorten brief briefer trim condense tighten";
const LONGER: &str = "longer lengthen expand extend detail details deeper";
/// Words that speak about the article rather than about its subject.
const FILLER: &str = "please write rewrite article text draft section sections sentence sentences paragraph \
    part bit add change need want would like include mention explain tell say speak talk focus rather lot \
    little good great thing things short long don doesn could be";

impl Wishes {
    /// Reads the notes clause by clause.
    pub fn read(notes: &str) -> Self {
        let notes = notes.to_lowercase().replace('’', "'");
        let mut wishes = Self { size: overall_size(&notes), ..Self::default() };
        for clause in notes.split(['.', ',', ';', ':', '!', '?', '\n']) {
            wishes.read_clause(clause);
        }
        let unwanted = wishes.without.clone();
        wishes.more.retain(|word| !unwanted.contains(word));
        wishes
    }

    fn read_clause(&mut self, clause: &str) {
        let (mut against, mut before) = (false, "");
        for word in clause.split_whitespace() {
            if is_one_of(AGAINST, word) {
                against = true;
            } else if is_one_of(FOR, word) && !is_one_of(AGAINST, before) {
                against = false;
            } else if ![FILLER, SHORTER, LONGER].iter().any(|words| is_one_of(words, word)) {
                let found = terms(word);
                if against { self.without.extend(found) } else { self.more.extend(found) }
            }
            before = word;
        }
    }

    /// How many of the wanted words a text has.
    pub fn wanted_in(&self, text: &str) -> usize {
        count(&self.more, text)
    }

    /// Whether a text has one of the unwanted words.
    pub fn unwanted_in(&self, text: &str) -> bool {
        count(&self.without, text) > 0
    }
}

fn overall_size(notes: &str) -> Size {
    let has = |words| notes.split(|c: char| !c.is_alphanumeric()).any(|word| is_one_of(words, word));
    if notes.contains("too long") || has(SHORTER) {
        Size::Shorter
    } else if notes.contains("too short") || has(LONGER) {
        Size::Longer
    } else {
        Size::Same
    }
}

fn count(words: &[(String, String)], text: &str) -> usize {
    let stems = stems(text);
    words.iter().filter(|(stem, _)| stems.contains(stem)).count()
}

fn is_one_of(words: &str, word: &str) -> bool {
    words.split_whitespace().any(|one| one == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(notes: &str) -> (String, String, Size) {
        let wishes = Wishes::read(notes);
        let words = |of: &[(String, String)]| of.iter().map(|(_, word)| word.as_str()).collect::<Vec<_>>().join(" ");
        (words(&wishes.more), words(&wishes.without), wishes.size)
    }

    #[test]
    fn notes_ask_for_more_for_less_and_for_another_length() {
        let cases = [
            ("More about turbines, please.", "turbines", "", Size::Same),
            ("less history and more biology", "biology", "history", Size::Same),
            ("Don’t mention the price! It is too long.", "", "price", Size::Shorter),
            ("Make it longer; cut the moon", "", "moon", Size::Longer),
            ("no more barrages or mills", "", "barrages mills", Size::Same),
            ("Nice.", "nice", "", Size::Same),
        ];
        for (notes, more, without, size) in cases {
            assert_eq!(read(notes), (more.into(), without.into(), size), "{notes}");
        }
    }
}

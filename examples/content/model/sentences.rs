//! Splits texts into sentences, and sentences into comparable words.

/// Endings that look like the end of a sentence and are not.
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "st", "vs", "fig", "approx", "ca", "jr", "sr", "gen", "col", "capt", "e.g", "i.e", "cf",
    "al", "nos", "vol",
];

/// Words too common to say what a sentence is about.
const STOP_WORDS: &str = "a about above after again all almost along already also although always \
    among an and another any are around as at away back be became because become been before \
    being below between both but by came can cannot come could did do does done down during each \
    early either else enough even ever every few first for from further gave get give goes got \
    had has have having he her here him his how however if in instead into is it its itself just \
    kept last later least less like made make makes many may might more most much must near \
    neither never new next no nor not now of off often old on once one only or other others our \
    out over own per quite rather same second see seen several she should since so some soon \
    still such take taken than that the their them then there these they this those though three \
    through thus to together too took toward two under until up upon us use used using very was \
    way we well went were what when where whether which while who whole whom whose why will with \
    within without would yet you your";

/// The sentences of a text, word for word apart from line breaks. Headings and tables are left out.
///
/// The flag says whether a sentence opens a paragraph.
pub fn split(text: &str) -> Vec<(String, bool)> {
    paragraphs(text)
        .iter()
        .flat_map(|words| sentences(words).into_iter().enumerate())
        .map(|(nth, sentence)| (sentence, nth == 0))
        .collect()
}

fn paragraphs(text: &str) -> Vec<Vec<&str>> {
    let mut paragraphs = vec![Vec::new()];
    for line in text.lines().map(str::trim) {
        let item = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "));
        let skipped = line.is_empty() || line.starts_with(['#', '|', '`']) || line == "---";
        if skipped || item.is_some() {
            paragraphs.push(Vec::new());
        }
        if let Some(paragraph) = paragraphs.last_mut().filter(|_| !skipped) {
            paragraph.extend(item.unwrap_or(line).split_whitespace());
        }
    }
    paragraphs.retain(|words| !words.is_empty());
    paragraphs
}

fn sentences(words: &[&str]) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut start = 0;
    for (at, word) in words.iter().enumerate() {
        if ends_sentence(word, words.get(at + 1).copied()) {
            sentences.push(words[start..=at].join(" "));
            start = at + 1;
        }
    }
    // A few words without a full stop are a caption or a label rather than a sentence.
    if words.len() - start >= 6 {
        sentences.push(words[start..].join(" "));
    }
    sentences
}

fn ends_sentence(word: &str, next: Option<&str>) -> bool {
    let bare = word.trim_end_matches(['"', '\'', '”', '’', ')', ']', '*', '_']);
    let Some(stem) = bare.strip_suffix('.') else {
        return bare.ends_with(['!', '?', '…']) && next.is_none_or(opens_sentence);
    };
    let stem = stem.trim_start_matches(['(', '"', '“']);
    let initial = stem.len() == 1 && stem.chars().all(char::is_uppercase);
    let dotted = stem.contains('.') && stem.split('.').all(|part| part.chars().count() == 1);
    let abbreviation = initial || dotted || ABBREVIATIONS.contains(&stem.to_lowercase().as_str());
    next.is_none_or(|next| !abbreviation && opens_sentence(next))
}

fn opens_sentence(word: &str) -> bool {
    word.trim_start_matches(['"', '\'', '“', '‘', '(', '[', '*', '_']).starts_with(|first: char| !first.is_lowercase())
}

/// The telling words of a text in order, each as its stem and as it is written, in lower case.
pub fn terms(text: &str) -> Vec<(String, String)> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 2 && !is_stop_word(word))
        .map(|word| (stem(word), word.to_owned()))
        .collect()
}

/// The stems of the telling words of a text.
pub fn stems(text: &str) -> Vec<String> {
    terms(text).into_iter().map(|(stem, _)| stem).collect()
}

fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.split(' ').any(|stop| stop == word)
}

/// Brings the forms of a word together: `turbine` and `turbines`, `turn`, `turned` and `turning`.
fn stem(word: &str) -> String {
    let plural = ["xes", "ches", "shes", "sses"].iter().any(|ending| word.ends_with(ending));
    let singular = match word {
        _ if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") => word.into(),
        _ if word.len() > 4 && word.ends_with("ies") => format!("{}y", &word[..word.len() - 3]),
        _ if plural => word[..word.len() - 2].into(),
        _ => word.strip_suffix('s').unwrap_or(word).to_owned(),
    };
    let base = ["ing", "ed", "e"]
        .iter()
        .find_map(|ending| singular.strip_suffix(ending).filter(|base| base.len() > 2))
        .unwrap_or(&singular);
    let mut last = base.chars().rev();
    let doubled = matches!((last.next(), last.next()), (Some(a), Some(b)) if a == b && "nmtpgbd".contains(a));
    base[..base.len() - usize::from(doubled)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_a_reader_ends_them() {
        let text =
            "# Heading\n\nDr. Smith paid 3.5 pounds to J. Doe, e.g. for tea. \"Really?\" he\nasked. Yes!\n\n- An item. Label";
        let found: Vec<_> = split(text).into_iter().map(|(sentence, _)| sentence).collect();
        let expected = ["Dr. Smith paid 3.5 pounds to J. Doe, e.g. for tea.", "\"Really?\" he asked.", "Yes!", "An item."];
        assert_eq!(found, expected);
    }

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for forms in [["turbines", "turbine"], ["turning", "turned"], ["boxes", "box"]] {
            assert_eq!(stem(forms[0]), stem(forms[1]));
        }
        assert_eq!(stem("running"), stem("runs"));
        assert_eq!(stem("cities"), stem("city"));
        assert_ne!(stem("bus"), stem("bu"));
    }
}

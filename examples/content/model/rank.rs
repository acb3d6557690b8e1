//! Says which sentences carry a text, for whom, and what themes run through them.

use std::collections::BTreeMap;

use super::sentences::{split, stems, terms};
use crate::types::{Aim, Finding, Source};

/// How many sentences are put in order; beyond that nobody reads on.
const RANKED: usize = 120;
/// How much a sentence loses for repeating one that stands above it.
const REDUNDANCY: f64 = 1.2;

/// A sentence with what the ranking needs to know about it.
struct Candidate {
    finding: Finding,
    opens_paragraph: bool,
    /// Words by weight, of length one, ordered by word.
    vector: Vec<(usize, f64)>,
    stems: Vec<String>,
    score: f64,
}

/// Every sentence of the sources, in reading order.
pub fn sentences(sources: &[Source]) -> Vec<(Finding, bool)> {
    let all =
        sources.iter().flat_map(|source| split(&source.text).into_iter().map(|(text, opens)| (text, opens, source.name.clone())));
    all.zip(0..).map(|((text, opens, source), place)| (Finding { text, source, place }, opens)).collect()
}

/// The sentences that matter most for the topic and the audience, best first, repetitions last.
pub fn rank(sentences: Vec<(Finding, bool)>, aim: &Aim) -> Vec<Finding> {
    let mut candidates = weigh(sentences);
    score(&mut candidates, aim);
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    candidates.truncate(RANKED);
    diversify(candidates)
}

/// TF-IDF vectors; their products say how much two sentences have in common.
fn weigh(sentences: Vec<(Finding, bool)>) -> Vec<Candidate> {
    let count = sentences.len() as f64;
    let stems: Vec<Vec<String>> = sentences.iter().map(|(f, _)| stems(&f.text)).collect();
    let mut words: BTreeMap<String, (usize, f64)> = BTreeMap::new();
    for sentence in &stems {
        let mut unique: Vec<&String> = sentence.iter().collect();
        unique.sort_unstable();
        unique.dedup();
        for word in unique {
            let id = words.len();
            words.entry(word.clone()).or_insert((id, 0.0)).1 += 1.0;
        }
    }
    let vector = |sentence: &[String]| {
        let mut weights = BTreeMap::new();
        for (id, seen_in) in sentence.iter().map(|word| words[word]) {
            *weights.entry(id).or_insert(0.0) += (1.0 + count / seen_in).ln();
        }
        let norm = weights.values().map(|weight| weight * weight).sum::<f64>().sqrt().max(1e-9);
        weights.into_iter().map(|(id, weight)| (id, weight / norm)).collect()
    };
    let mut candidates = Vec::new();
    for ((finding, opens_paragraph), stems) in sentences.into_iter().zip(stems) {
        let vector = vector(&stems);
        candidates.push(Candidate { finding, opens_paragraph, vector, stems, score: 0.0 });
    }
    candidates
}

fn score(candidates: &mut [Candidate], aim: &Aim) {
    let centrality: Vec<f64> = candidates.iter().map(|one| candidates.iter().map(|other| similarity(one, other)).sum()).collect();
    let most = centrality.iter().copied().fold(1e-9, f64::max);
    let (topic, audience) = (stems(&aim.topic), stems(&aim.audience));
    let taste = Taste::of(&audience);
    for (candidate, central) in candidates.iter_mut().zip(centrality) {
        let opening = f64::from(u8::from(candidate.opens_paragraph));
        candidate.score = central / most
            + 0.8 * share(&topic, &candidate.stems)
            + 0.8 * interest(&audience, &candidate.stems)
            + 0.2 * opening
            + 0.8 * taste.score(&candidate.finding.text)
            - if stands_alone(&candidate.finding.text) { 0.0 } else { 0.5 };
    }
}

/// A sentence that begins with "they" or "however" loses its meaning away from the one before it.
fn stands_alone(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or("").trim_end_matches(',').to_lowercase();
    let leans = "it its they their them this that these those he she his her but and or so such \
        both however instead then there yet nor thus hence also neither";
    !leans.split(' ').any(|word| word == first)
}

/// Takes the best sentence that repeats the least of those already taken, again and again.
fn diversify(mut candidates: Vec<Candidate>) -> Vec<Finding> {
    let mut taken = Vec::new();
    while !candidates.is_empty() {
        let best = (0..candidates.len())
            .max_by(|&a, &b| candidates[a].score.total_cmp(&candidates[b].score).then(b.cmp(&a)))
            .map(|at| candidates.remove(at));
        let Some(best) = best else { break };
        for other in &mut candidates {
            // Squared, so that sharing a subject costs little and sharing a statement much.
            other.score -= REDUNDANCY * similarity(&best, other).powi(2);
        }
        taken.push(best.finding);
    }
    taken
}

fn similarity(one: &Candidate, other: &Candidate) -> f64 {
    let mut theirs = other.vector.iter().peekable();
    let mut sum = 0.0;
    for (id, weight) in &one.vector {
        while theirs.next_if(|(other, _)| other < id).is_some() {}
        if let Some((_, their_weight)) = theirs.next_if(|(other, _)| other == id) {
            sum += weight * their_weight;
        }
    }
    sum
}

/// A description of an audience holds many words, of which one or two say what it cares about.
fn interest(audience: &[String], stems: &[String]) -> f64 {
    let found = audience.iter().filter(|word| stems.contains(word)).count();
    found.min(2) as f64 / 2.0
}

/// Which part of the wanted words a text has.
pub fn share(wanted: &[String], stems: &[String]) -> f64 {
    let found = wanted.iter().filter(|word| stems.contains(word)).count();
    found as f64 / wanted.len().max(1) as f64
}

/// What kind of sentence an audience likes.
#[derive(Clone, Copy)]
enum Taste {
    Plain,
    Exact,
    Any,
}

impl Taste {
    fn of(audience: &[String]) -> Self {
        let any_of = |words: &str| stems(words).iter().any(|word| audience.contains(word));
        if any_of("children kids pupils beginners newcomers general public laypeople families curious everyone") {
            Self::Plain
        } else if any_of("experts engineers researchers scientists specialists professionals analysts investors students") {
            Self::Exact
        } else {
            Self::Any
        }
    }

    fn score(self, text: &str) -> f64 {
        let words = text.split_whitespace().count() as f64;
        let long = text.split_whitespace().filter(|word| word.chars().count() > 8).count() as f64;
        let numbers = text.split_whitespace().filter(|word| word.contains(|c: char| c.is_ascii_digit()));
        let weight = words / 40.0 + long / words.max(1.0) + 0.2 * numbers.count() as f64;
        match self {
            Self::Plain => 1.0 - weight.min(1.0),
            Self::Exact => weight.min(1.0),
            Self::Any => 0.0,
        }
    }
}

/// A word that several sentences share.
#[derive(Debug, PartialEq)]
pub struct Theme {
    pub stem: String,
    /// As it is most often written.
    pub word: String,
    /// How many sentences have it.
    pub sentences: usize,
}

/// The words that at least `least` of the texts share, the commonest first.
pub fn themes<'a>(texts: impl Iterator<Item = &'a str>, least: usize) -> Vec<Theme> {
    let mut forms: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for text in texts {
        let once: BTreeMap<String, String> = terms(text).into_iter().collect();
        for (stem, word) in once {
            *forms.entry(stem).or_default().entry(word).or_default() += 1;
        }
    }
    let mut themes: Vec<Theme> = forms
        .into_iter()
        .filter(|(stem, _)| !stem.starts_with(|c: char| c.is_ascii_digit()))
        .filter_map(|(stem, words)| {
            let sentences = words.values().sum();
            let (word, _) = words.into_iter().max_by_key(|(_, count)| *count)?;
            (sentences >= least).then_some(Theme { stem, word, sentences })
        })
        .collect();
    themes.sort_by(|a, b| b.sentences.cmp(&a.sentences).then_with(|| a.stem.cmp(&b.stem)));
    themes
}

/// The best sentences that fit into `limit` characters, in reading order; all of them if they fit.
pub fn excerpts(sources: &[Source], aim: &Aim, limit: usize) -> Vec<Finding> {
    let mut room = limit;
    let mut chosen = rank(sentences(sources), aim);
    chosen.retain(|finding| {
        let fits = finding.text.len() <= room;
        room -= if fits { finding.text.len() } else { 0 };
        fits
    });
    chosen.sort_by_key(|finding| finding.place);
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Length;

    fn aim(topic: &str, audience: &str) -> Aim {
        Aim { topic: topic.into(), audience: audience.into(), length: Length::Short }
    }

    fn source(text: &str) -> Vec<Source> {
        vec![Source { name: "a".into(), text: text.into() }]
    }

    #[test]
    fn the_topic_comes_first_and_a_repetition_last() {
        let text = "Bread needs flour and water. Cats sleep through the day. Bread needs water and flour. \
            The oven bakes bread in an hour.";
        let ranked = rank(sentences(&source(text)), &aim("cats", "readers"));
        assert_eq!(ranked[0].text, "Cats sleep through the day.");
        let ranked = rank(sentences(&source(text)), &aim("bread", "readers"));
        assert_eq!(ranked[2].text, "Bread needs water and flour.");
    }

    #[test]
    fn excerpts_fit_and_keep_the_order() {
        let text = include_str!("../source.md");
        let found = excerpts(&source(text), &aim("tides", "engineers"), 1500);
        assert!(found.iter().map(|finding| finding.text.len()).sum::<usize>() <= 1500);
        assert!(found.len() > 5 && found.is_sorted_by_key(|finding| finding.place));
    }
}

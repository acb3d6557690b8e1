//! Articles without a language model: every sentence is taken, word for word, from a source.

use std::cmp::Reverse;

use super::error::LlmError;
use super::notes::{Size, Wishes};
use super::rank::{Theme, rank, sentences, share, themes};
use super::sentences::stems;
use crate::types::{Aim, Brief, Complexity, Draft, Finding, Outline, Research, Section, Seo, Source, Summary};

/// How many sentences of the sources are kept, so that a revision has something to choose from.
const KEPT: usize = 80;
/// The longest description that search engines show.
const DESCRIPTION: usize = 155;

/// Ranks the sentences of the sources; without sources, of the text that comes with the example.
pub(super) fn research(brief: &Brief) -> Result<Research, LlmError> {
    let shipped = [Source { name: "source.md".into(), text: include_str!("../source.md").into() }];
    let sources = if brief.sources.is_empty() { &shipped[..] } else { &brief.sources };
    let sentences = sentences(sources);
    if sentences.is_empty() {
        return Err(LlmError::NothingToRead);
    }
    let (complexity, reason) = judge(sentences.iter().map(|(finding, _)| finding.text.as_str()));
    let mut findings = rank(sentences, &brief.aim());
    findings.truncate(KEPT);
    Ok(Research { aim: brief.aim(), reason, complexity, findings })
}

/// Long sentences, long words and many threads make a text hard; two of the three suffice.
pub(super) fn judge<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> (Complexity, String) {
    let words = || texts.clone().flat_map(str::split_whitespace);
    let count = words().count() as f64;
    let per_sentence = count / texts.clone().count() as f64;
    let letters = words().flat_map(str::chars).filter(|c| c.is_alphanumeric()).count() as f64 / count;
    let threads = themes(texts.clone(), 3).len();
    let signs = [per_sentence > 15.0, letters > 4.5, threads > 12];
    let complexity = if signs.iter().filter(|sign| **sign).count() >= 2 { Complexity::High } else { Complexity::Low };
    let reason = format!("{per_sentence:.0} words a sentence, {letters:.1} letters a word, {threads} recurring subjects");
    (complexity, reason)
}

/// Takes the best sentences and groups them by the words they share.
pub(super) fn outline(research: &Research) -> Outline {
    let Research { aim, findings, .. } = research;
    let (chosen, spare) = findings.split_at(aim.length.sentences().min(findings.len()));
    let topic = stems(&aim.topic);
    let on_topic = chosen.iter().any(|finding| share(&topic, &stems(&finding.text)) > 0.0);
    let title = match chosen.first() {
        Some(first) if !on_topic => format!("From {}", first.source),
        _ => capitalised(&aim.topic),
    };
    let sections = sections(chosen, aim);
    Outline { aim: aim.clone(), title, sections, spare: spare.to_vec() }
}

/// Cuts the chosen sentences, in reading order, where the sources were left out the longest.
fn sections(chosen: &[Finding], aim: &Aim) -> Vec<Section> {
    let mut chosen = chosen.to_vec();
    chosen.sort_by_key(|finding| finding.place);
    let mut gaps: Vec<usize> = (1..chosen.len()).collect();
    gaps.sort_by_key(|&at| Reverse(chosen[at].place - chosen[at - 1].place));
    let least = (chosen.len() / (aim.length.sections() + 1)).max(2);
    let mut cuts = vec![0, chosen.len()];
    for at in gaps {
        if cuts.len() <= aim.length.sections() && cuts.iter().all(|&cut| cut.abs_diff(at) >= least) {
            cuts.push(at);
        }
    }
    cuts.sort_unstable();
    let mut used = stems(&aim.topic);
    let parts = cuts.windows(2).map(|cut| &chosen[cut[0]..cut[1]]);
    let section = |points: &[Finding]| Section { heading: heading(points, &chosen, &mut used), points: points.into() };
    parts.map(section).collect()
}

/// The word that is common in a section and rare outside it; the topic tells no section from another.
fn heading(points: &[Finding], all: &[Finding], used: &mut Vec<String>) -> String {
    let everywhere = themes(all.iter().map(|point| point.text.as_str()), 1);
    let telling = |theme: &Theme| {
        let overall = everywhere.iter().find(|other| other.stem == theme.stem).map_or(1, |other| other.sentences);
        theme.sentences.pow(2) as f64 / overall as f64
    };
    let mut themes = themes(points.iter().map(|point| point.text.as_str()), 1);
    themes.retain(|theme| !used.contains(&theme.stem) && !["ly", "ed"].iter().any(|end| theme.word.ends_with(end)));
    themes.sort_by(|a, b| telling(b).total_cmp(&telling(a)));
    let Some(theme) = themes.into_iter().next() else { return "More".into() };
    used.push(theme.stem);
    capitalised(&theme.word)
}

/// Puts a sentence with those it has most words in common with, or else with its neighbours.
fn place(sections: &mut [Section], finding: Finding) {
    let wanted = stems(&finding.text);
    let fit = |section: &Section| {
        let all: Vec<String> = section.points.iter().flat_map(|point| stems(&point.text)).collect();
        let nearest = section.points.iter().map(|point| point.place.abs_diff(finding.place)).min();
        share(&wanted, &all) + 0.5 / (1.0 + f64::from(nearest.unwrap_or(u32::MAX)))
    };
    let fits: Vec<f64> = sections.iter().map(fit).collect();
    let best = (0..fits.len()).max_by(|&a, &b| fits[a].total_cmp(&fits[b]));
    if let Some(section) = best.and_then(|at| sections.get_mut(at)) {
        section.points.push(finding);
    }
}

/// Restores the order of the sources.
fn settle(sections: &mut Vec<Section>) {
    sections.retain(|section| !section.points.is_empty());
    for section in sections.iter_mut() {
        section.points.sort_by_key(|point| point.place);
    }
    sections.sort_by_key(|section| section.points.first().map(|point| point.place));
}

/// The words the findings share, and the first finding that is short enough.
pub(super) fn seo(research: &Research) -> Seo {
    let best = 2 * research.aim.length.sentences();
    let texts = || research.findings.iter().take(best).map(|finding| finding.text.as_str());
    let keywords = themes(texts(), 2).into_iter().take(6).map(|theme| theme.word).collect();
    let short = texts().find(|text| text.chars().count() <= DESCRIPTION);
    let description = short.map_or_else(|| texts().next().map(shortened).unwrap_or_default(), str::to_owned);
    Seo { keywords, description }
}

fn shortened(text: &str) -> String {
    let mut short = String::new();
    for word in text.split_whitespace() {
        if short.chars().count() + word.chars().count() > DESCRIPTION - 2 {
            break;
        }
        short = format!("{short}{word} ");
    }
    format!("{}…", short.trim_end())
}

/// The outline as it stands.
pub(super) fn draft_simple(outline: &Outline, seo: &Seo) -> Draft {
    Draft {
        aim: outline.aim.clone(),
        title: outline.title.clone(),
        seo: seo.clone(),
        sections: outline.sections.clone(),
        spare: outline.spare.clone(),
        changes: String::new(),
    }
}

/// The outline, with half as many sentences again to support its points.
pub(super) fn draft_deep(outline: &Outline, seo: &Seo, research: &Research) -> Draft {
    let mut draft = draft_simple(outline, seo);
    let used: Vec<&str> = outline.sections.iter().flat_map(|s| &s.points).map(|p| p.text.as_str()).collect();
    let unused = research.findings.iter().filter(|finding| !used.contains(&finding.text.as_str()));
    let mut unused: Vec<Finding> = unused.cloned().collect();
    draft.spare = unused.split_off(unused.len().min(outline.aim.length.sentences() / 2));
    unused.into_iter().for_each(|finding| place(&mut draft.sections, finding));
    settle(&mut draft.sections);
    draft
}

/// Adds, drops and trades sentences as the notes ask, and says what came of it.
pub(super) fn revise(draft: &Draft, notes: &str) -> Draft {
    let wishes = Wishes::read(notes);
    let mut revised = draft.clone();
    let size = draft.points().count();
    let dropped = remove(&mut revised, |point| wishes.unwanted_in(&point.text));
    let welcome = |finding: &Finding| !wishes.unwanted_in(&finding.text);
    let mut wanted: Vec<Finding> = draft.spare.iter().filter(|f| wishes.wanted_in(&f.text) > 0 && welcome(f)).cloned().collect();
    wanted.sort_by_key(|finding| Reverse(wishes.wanted_in(&finding.text)));
    wanted.truncate(3);
    add(&mut revised, wanted.clone());
    let target = match wishes.size {
        Size::Shorter => (size * 3 / 5).max(1),
        Size::Same => 0,
        Size::Longer => size * 3 / 2,
    };
    if wishes.size == Size::Longer {
        let room = target.saturating_sub(revised.points().count());
        let more = revised.spare.iter().filter(|f| welcome(f)).take(room).cloned().collect();
        add(&mut revised, more);
    } else if wishes.size == Size::Shorter {
        shorten(&mut revised, target, &wishes);
    }
    settle(&mut revised.sections);
    revised.changes = report(&wishes, wanted.len(), dropped, size, revised.points().count());
    revised
}

fn add(draft: &mut Draft, findings: Vec<Finding>) {
    draft.spare.retain(|spare| !findings.contains(spare));
    findings.into_iter().for_each(|finding| place(&mut draft.sections, finding));
}

/// Moves sentences to the spare ones; a draft that would be left with none stays as it is.
fn remove(draft: &mut Draft, unwanted: impl Fn(&Finding) -> bool) -> usize {
    let gone: Vec<Finding> = draft.points().filter(|point| unwanted(point)).cloned().collect();
    if gone.len() == draft.points().count() {
        return 0;
    }
    for section in &mut draft.sections {
        section.points.retain(|point| !unwanted(point));
    }
    let count = gone.len();
    draft.spare.extend(gone);
    count
}

/// Keeps what the notes want and then what carries the text.
fn shorten(draft: &mut Draft, target: usize, wishes: &Wishes) {
    let points = draft.points().map(|point| (point.clone(), false)).collect();
    let mut ranked = rank(points, &draft.aim);
    ranked.sort_by_key(|point| Reverse(wishes.wanted_in(&point.text)));
    let kept = &ranked[..target.min(ranked.len())];
    remove(draft, |point| !kept.contains(point));
}

fn report(wishes: &Wishes, added: usize, dropped: usize, before: usize, after: usize) -> String {
    let words = |of: &[(String, String)]| of.iter().map(|(_, word)| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let mut parts = Vec::new();
    if !wishes.more.is_empty() {
        let about = words(&wishes.more);
        parts.push(match added {
            0 => format!("no sentence is left about {about}"),
            _ => format!("added {} about {about}", counted(added)),
        });
    }
    if !wishes.without.is_empty() {
        let about = words(&wishes.without);
        parts.push(match dropped {
            0 => format!("nothing to drop about {about}"),
            _ => format!("dropped {} about {about}", counted(dropped)),
        });
    }
    if parts.is_empty() && wishes.size == Size::Same {
        parts.push("an extract can only follow `more about`, `without`, `shorter` and `longer`".into());
    }
    parts.push(format!("{} before, {after} after", counted(before)));
    parts.join("; ")
}

fn counted(sentences: usize) -> String {
    format!("{sentences} sentence{}", if sentences == 1 { "" } else { "s" })
}

/// The sentences that carry the draft, in its own order.
pub(super) fn summarise(draft: &Draft) -> Summary {
    let points: Vec<Finding> = draft.points().cloned().collect();
    let mut best = rank(points.iter().map(|point| (point.clone(), false)).collect(), &draft.aim);
    best.truncate((points.len() / 5).clamp(1, 3));
    let chosen: Vec<&str> = points.iter().filter(|point| best.contains(point)).map(|point| point.text.as_str()).collect();
    Summary { text: chosen.join(" ") }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
#[path = "offline_tests.rs"]
mod tests;

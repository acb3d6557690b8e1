use super::*;
use crate::types::Length;

const TIDE: &str = include_str!("../source.md");
const BREAD: &str = include_str!("../simple.md");

fn brief(text: &str, topic: &str, audience: &str, length: Length) -> Brief {
    let sources = vec![Source { name: "a.md".into(), text: text.into() }];
    Brief { topic: topic.into(), audience: audience.into(), length, sources }
}

fn write(brief: &Brief) -> Draft {
    let research = research(brief).unwrap();
    let (outline, seo) = (outline(&research), seo(&research));
    match research.complexity {
        Complexity::Low => draft_simple(&outline, &seo),
        Complexity::High => draft_deep(&outline, &seo, &research),
    }
}

fn tide(audience: &str, length: Length) -> Draft {
    write(&brief(TIDE, "tidal power", audience, length))
}

fn texts(draft: &Draft) -> Vec<&str> {
    draft.points().map(|point| point.text.as_str()).collect()
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_sentence_stands_in_the_source() {
    for (text, topic) in [(TIDE, "tidal power"), (BREAD, "bread")] {
        let source = words(text);
        for length in [Length::Short, Length::Medium, Length::Long] {
            let mut draft = write(&brief(text, topic, "readers", length));
            draft = revise(&draft, "longer, more about water, without salt");
            assert!(texts(&draft).iter().all(|sentence| source.contains(sentence)));
            let summary = summarise(&draft).text;
            assert!(!summary.is_empty() && summary.len() < draft.to_markdown().len() / 2);
        }
    }
}

#[test]
fn two_sources_share_no_sentence_and_no_title() {
    let tide = tide("readers", Length::Medium);
    let bread = write(&brief(BREAD, "bread", "readers", Length::Medium));
    assert!(texts(&tide).iter().all(|sentence| !texts(&bread).contains(sentence)));
    assert_ne!((&tide.title, &tide.seo), (&bread.title, &bread.seo));
}

#[test]
fn no_sentence_stands_twice_and_none_is_lost() {
    let brief = brief(TIDE, "tidal power", "readers", Length::Long);
    let findings = research(&brief).unwrap().findings.len();
    let draft = write(&brief);
    let mut all: Vec<&str> = draft.points().chain(&draft.spare).map(|point| point.text.as_str()).collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), findings);
}

#[test]
fn audience_and_length_change_the_selection() {
    let (children, engineers) = (tide("children", Length::Medium), tide("engineers", Length::Medium));
    let average = |draft: &Draft| draft.to_markdown().split_whitespace().count() / draft.points().count();
    assert!(average(&children) + 5 < average(&engineers));
    let lengths = [Length::Short, Length::Medium, Length::Long].map(|length| tide("readers", length).points().count());
    assert_eq!(lengths, [9, 18, 30]);
    let birds = tide("people who love wading birds", Length::Short);
    assert!(texts(&birds).iter().any(|text| text.contains("wading birds")));
}

#[test]
fn the_text_decides_how_hard_the_subject_is() {
    let of = |text| research(&brief(text, "it", "readers", Length::Short)).unwrap().complexity;
    assert_eq!((of(TIDE), of(BREAD)), (Complexity::High, Complexity::Low));
}

#[test]
fn notes_add_drop_and_resize() {
    let draft = tide("readers", Length::Short);
    let without = |draft: &Draft, word: &str| texts(draft).iter().all(|text| !text.to_lowercase().contains(word));
    assert!(!without(&draft, "turbine") && without(&draft, "seals"));
    let more = revise(&draft, "More about seals and fish.");
    assert!(!without(&more, "seals"), "{}", more.changes);
    let less = revise(&draft, "Leave it, but without turbines.");
    assert!(without(&less, "turbine"), "{}", less.changes);
    let shorter = revise(&draft, "Too long!");
    assert!(shorter.points().count() < draft.points().count(), "{}", shorter.changes);
    let longer = revise(&shorter, "Too short.");
    assert!(longer.points().count() > shorter.points().count(), "{}", longer.changes);
}

#[test]
fn a_revision_says_what_it_could_not_do() {
    let draft = tide("readers", Length::Short);
    let same = revise(&draft, "More about zebras.");
    assert_eq!(same.sections, draft.sections);
    assert_eq!(same.changes, "no sentence is left about `zebras`; 9 sentences before, 9 after");
}

#[test]
fn sources_are_needed_or_shipped() {
    let mut brief = brief("One", "tidal power", "readers", Length::Short);
    assert_eq!(research(&brief), Err(LlmError::NothingToRead));
    brief.sources.clear();
    assert_eq!(research(&brief).unwrap().findings[0].source, "source.md");
}

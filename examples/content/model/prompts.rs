//! How each step is put to a model.

use super::answers::{Facts, NewText, Plan, SearchTerms, Short, Text, WrittenSection};
use super::error::LlmError;
use super::offline::judge;
use super::rank::{excerpts, share};
use super::remote::Remote;
use super::sentences::stems;
use crate::types::{Aim, Brief, Complexity, Draft, Finding, Outline, Research, Section, Seo, Summary};

/// How many characters of the sources a prompt may hold, so that a small context window suffices.
const EXCERPTS: usize = 3000;
/// Told plainly: a small model that is given rules, examples or lists repeats them instead of deciding.
const RESEARCH: &str = "In `assessment`, say in one short sentence how hard the subject is. In `complexity`, write \
`low` for everyday life and `high` for science. In `findings`, list up to {most} facts that matter most to the \
audience, the most important first, each one short sentence.";
/// What is said to be the source when a brief has none.
const OWN_KNOWLEDGE: &str = "the model's own knowledge";

impl Remote {
    pub(super) async fn research(&self, brief: &Brief) -> Result<Research, LlmError> {
        let aim = brief.aim();
        let excerpts = excerpts(&brief.sources, &aim, EXCERPTS);
        let (material, hint) = if excerpts.is_empty() {
            ("There are no sources. Use what you know for certain.".into(), String::new())
        } else {
            (format!("Sources:\n{}", running(&excerpts)), measured(&excerpts))
        };
        let most = 2 + 2 * aim.length.sections().min(3);
        let task = RESEARCH.replace("{most}", &most.to_string());
        let prompt = format!("{material}\n\n{}\n\n{hint}{task}", heading(&aim));
        let facts: Facts = self.ask(prompt, most).await?;
        let findings = traced(facts.findings, &excerpts);
        Ok(Research { aim, reason: facts.assessment, complexity: facts.complexity, findings })
    }

    pub(super) async fn outline(&self, research: &Research) -> Result<Outline, LlmError> {
        let Research { aim, findings, .. } = research;
        let prompt = format!(
            "{}\n\nFacts:\n{}\n\nPlan an article: a headline and {} sections. Each section has a short heading and \
             one to three points taken from the facts. Use each fact once.",
            heading(aim),
            list(findings),
            aim.length.sections(),
        );
        let plan: Plan = self.ask(prompt, aim.length.sections()).await?;
        let sections = plan
            .sections
            .into_iter()
            .map(|section| Section { heading: section.heading, points: traced(section.points, findings) });
        Ok(Outline { aim: aim.clone(), title: plan.headline, sections: sections.collect(), spare: findings.clone() })
    }

    pub(super) async fn seo(&self, research: &Research) -> Result<Seo, LlmError> {
        let prompt = format!(
            "{}\n\nFacts:\n{}\n\nGive three to six search keywords for an article on these facts, and a \
             description of one short sentence for the search results.",
            heading(&research.aim),
            list(&research.findings),
        );
        let SearchTerms { keywords, description } = self.ask(prompt, 6).await?;
        Ok(Seo { keywords, description })
    }

    pub(super) async fn draft_simple(&self, outline: &Outline, seo: &Seo) -> Result<Draft, LlmError> {
        let prompt = format!(
            "{}\n\nWrite the article along this outline, one paragraph a section, in plain words. \
             Keep the headings.",
            assignment(outline, seo),
        );
        self.draft(prompt, outline, seo).await
    }

    pub(super) async fn draft_deep(&self, outline: &Outline, seo: &Seo, research: &Research) -> Result<Draft, LlmError> {
        let prompt = format!(
            "{}\n\nAll facts:\n{}\n\nWrite the article along this outline. Keep the headings. Explain causes, \
             terms and numbers, and support every point with the facts.",
            assignment(outline, seo),
            list(&research.findings),
        );
        self.draft(prompt, outline, seo).await
    }

    async fn draft(&self, prompt: String, outline: &Outline, seo: &Seo) -> Result<Draft, LlmError> {
        let text: Text = self.ask(prompt, outline.sections.len()).await?;
        Ok(Draft {
            aim: outline.aim.clone(),
            title: outline.title.clone(),
            seo: seo.clone(),
            sections: written(text.sections, &outline.spare),
            spare: outline.spare.clone(),
            changes: String::new(),
        })
    }

    pub(super) async fn revise(&self, draft: &Draft, notes: &str) -> Result<Draft, LlmError> {
        let prompt = format!(
            "{}\n\nDraft:\n{}\n\nFacts that may be used:\n{}\n\nThe editor's notes: {notes}\n\nIn `changes`, say in one \
             short sentence what the notes ask for. Then write the sections anew so that the notes are followed, and \
             keep what they do not touch.",
            heading(&draft.aim),
            draft.to_markdown(),
            list(&draft.spare),
        );
        let NewText { sections, changes } = self.ask(prompt, draft.sections.len() + 1).await?;
        let sections = written(sections, &draft.spare);
        Ok(Draft { sections, changes, ..draft.clone() })
    }

    pub(super) async fn summarise(&self, draft: &Draft) -> Result<Summary, LlmError> {
        let prompt = format!(
            "{}\n\nArticle:\n{}\n\nSummarise the article in two sentences of your own.",
            heading(&draft.aim),
            draft.to_markdown(),
        );
        let Short { summary } = self.ask(prompt, 1).await?;
        Ok(Summary { text: summary })
    }
}

/// Counting words says something about a text; the bare guess of a small model says less.
fn measured(excerpts: &[Finding]) -> String {
    let (complexity, figures) = judge(excerpts.iter().map(|finding| finding.text.as_str()));
    let complexity = match complexity {
        Complexity::Low => "low",
        Complexity::High => "high",
    };
    format!("The sources have {figures}, which suggests `{complexity}` complexity.\n")
}

fn heading(aim: &Aim) -> String {
    format!("Topic: {}\nAudience: {}", aim.topic, aim.audience)
}

fn assignment(outline: &Outline, seo: &Seo) -> String {
    let sections = outline.sections.iter();
    let plan: Vec<String> = sections.map(|s| format!("## {}\n{}", s.heading, list(&s.points))).collect();
    let (aim, words) = (&outline.aim, 20 * outline.aim.length.sentences());
    format!(
        "{}\nLength: about {words} words\nKeywords: {}\n\n# {}\n\n{}",
        heading(aim),
        seo.keywords.join(", "),
        outline.title,
        plan.join("\n"),
    )
}

fn list(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("- {}\n", finding.text)).collect::<String>().trim_end().into()
}

fn running(findings: &[Finding]) -> String {
    findings.iter().map(|finding| finding.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Names the source of each text: that of the material it shares most words with. Repeated texts are left out.
fn traced(texts: Vec<String>, material: &[Finding]) -> Vec<Finding> {
    let words: Vec<_> = material.iter().map(|finding| (stems(&finding.text), &finding.source)).collect();
    let finding = |(place, text): (u32, String)| {
        let wanted = stems(&text);
        let best = words.iter().max_by(|a, b| share(&wanted, &a.0).total_cmp(&share(&wanted, &b.0)));
        let source = best.map_or(OWN_KNOWLEDGE, |(_, source)| source).into();
        Finding { text, source, place }
    };
    let mut fresh: Vec<String> = Vec::new();
    for text in texts {
        if !fresh.contains(&text) {
            fresh.push(text);
        }
    }
    (0..).zip(fresh).map(finding).collect()
}

fn written(sections: Vec<WrittenSection>, material: &[Finding]) -> Vec<Section> {
    let section = |WrittenSection { heading, text }| Section { heading, points: traced(vec![text], material) };
    sections.into_iter().map(section).collect()
}

//! What the steps of the workflow hand to each other.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the article should be about, for whom, and what it may draw on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Brief {
    pub topic: String,
    pub audience: String,
    #[serde(default)]
    pub length: Length,
    #[serde(default)]
    pub sources: Vec<Source>,
}

/// A text to draw on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    pub name: String,
    pub text: String,
}

/// How long the article should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Length {
    Short,
    #[default]
    Medium,
    Long,
}

/// The part of a brief that every later step needs, without the bulky sources.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Aim {
    pub topic: String,
    pub audience: String,
    pub length: Length,
}

/// Whether a subject can be told plainly or needs depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Complexity {
    Low,
    High,
}

/// Something a source says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    pub text: String,
    /// The name of the source.
    pub source: String,
    /// Where it stands when all sources are read in order.
    pub place: u32,
}

/// What was found for a brief, the most important first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Research {
    pub aim: Aim,
    pub reason: String,
    pub complexity: Complexity,
    pub findings: Vec<Finding>,
}

/// A heading with what stands below it: points to make in an outline, running text in a draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Section {
    pub heading: String,
    pub points: Vec<Finding>,
}

/// The order of an article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outline {
    pub aim: Aim,
    pub title: String,
    pub sections: Vec<Section>,
    /// Findings without a section; a revision may want them.
    pub spare: Vec<Finding>,
}

/// What a search engine should show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Seo {
    pub keywords: Vec<String>,
    pub description: String,
}

/// An article that an editor has not approved yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Draft {
    pub aim: Aim,
    pub title: String,
    pub seo: Seo,
    pub sections: Vec<Section>,
    /// Findings the text does not use; a revision may want them.
    pub spare: Vec<Finding>,
    /// What the last revision did about the editor's notes; empty before the first.
    pub changes: String,
}

/// What an editor is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReviewRequest {
    pub draft: Draft,
}

/// What an editor answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    pub approved: bool,
    /// What to change; not read when the draft is approved.
    #[serde(default)]
    pub notes: String,
}

/// An article in a few sentences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    pub text: String,
}

/// An approved article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Article {
    pub draft: Draft,
    pub summary: Summary,
}

impl Brief {
    /// The brief without its sources.
    pub fn aim(&self) -> Aim {
        Aim { topic: self.topic.clone(), audience: self.audience.clone(), length: self.length }
    }
}

impl Length {
    /// How many sentences an article of this length has, more or less.
    pub fn sentences(self) -> usize {
        match self {
            Self::Short => 6,
            Self::Medium => 12,
            Self::Long => 20,
        }
    }

    /// How many sections carry them.
    pub fn sections(self) -> usize {
        match self {
            Self::Short => 2,
            Self::Medium => 3,
            Self::Long => 5,
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body: Vec<&str> = self.points.iter().map(|point| point.text.as_str()).collect();
        write!(f, "## {}\n\n{}\n", self.heading, body.join(" "))
    }
}

impl Draft {
    /// The whole text, sentence by sentence or paragraph by paragraph.
    pub fn points(&self) -> impl Iterator<Item = &Finding> {
        self.sections.iter().flat_map(|section| &section.points)
    }

    /// The draft as an editor reads it.
    pub fn to_markdown(&self) -> String {
        let sections: Vec<String> = self.sections.iter().map(Section::to_string).collect();
        format!("# {}\n\n{}", self.title, sections.join("\n"))
    }
}

impl Article {
    /// The article with its summary on top and its sources below.
    pub fn to_markdown(&self) -> String {
        let draft = &self.draft;
        let sections: Vec<String> = draft.sections.iter().map(Section::to_string).collect();
        let mut sources: Vec<&str> = draft.points().map(|point| point.source.as_str()).collect();
        sources.sort_unstable();
        sources.dedup();
        format!(
            "# {}\n\n> {}\n\n{}\n---\n\nDescription: {}  \nKeywords: {}  \nSources: {}\n",
            draft.title,
            self.summary.text,
            sections.join("\n"),
            draft.seo.description,
            draft.seo.keywords.join(", "),
            sources.join(", "),
        )
    }
}

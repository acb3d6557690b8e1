//! What a model is asked to answer: only what it must decide, never what is known already.
//!
//! The order of the fields matters: a model writes them one after the other, so reasons must come before decisions.
//! A JSON object is sorted by name on its way through `serde_json`, hence so are the fields here.
//! The patterns matter too: a small model goes round in circles in any text that has no end. They leave out what JSON
//! must escape, because there are servers that let a model write it bare.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::types::Complexity;

/// Too short to ramble on and forget the question.
const ASSESSMENT: &str = r"^[^.\x22\\\n\r\t]{8,70}[.]$";
/// Without a full stop inside, so that one sentence is all there is.
const BRIEFLY: &str = r"^[^.\x22\\\n\r\t]{8,150}[.]$";
const SENTENCE: &str = r"^[^\x22\\\n\r\t]{8,200}[.!?]$";
const PARAGRAPH: &str = r"^[^\x22\\\n\r\t]{40,800}[.!?]$";
const LABEL: &str = r"^[^\x22\\\n\r\t]{2,80}$";

/// An answer that can be asked for.
pub(super) trait Answer: JsonSchema + DeserializeOwned {
    /// The step that asks.
    const TASK: &'static str;

    /// The texts that must not be blank.
    fn texts(&self) -> Vec<&str>;
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Facts {
    #[schemars(regex(pattern = ASSESSMENT))]
    pub assessment: String,
    pub complexity: Complexity,
    #[schemars(length(min = 1), inner(regex(pattern = SENTENCE)))]
    pub findings: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Plan {
    #[schemars(regex(pattern = LABEL))]
    pub headline: String,
    #[schemars(length(min = 1))]
    pub sections: Vec<PlannedSection>,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct PlannedSection {
    #[schemars(regex(pattern = LABEL))]
    pub heading: String,
    #[schemars(length(min = 1, max = 3), inner(regex(pattern = SENTENCE)))]
    pub points: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct SearchTerms {
    #[schemars(regex(pattern = BRIEFLY))]
    pub description: String,
    #[schemars(length(min = 3), inner(regex(pattern = LABEL)))]
    pub keywords: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Text {
    #[schemars(length(min = 1))]
    pub sections: Vec<WrittenSection>,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct WrittenSection {
    #[schemars(regex(pattern = LABEL))]
    pub heading: String,
    #[schemars(regex(pattern = PARAGRAPH))]
    pub text: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct NewText {
    #[schemars(regex(pattern = BRIEFLY))]
    pub changes: String,
    #[schemars(length(min = 1))]
    pub sections: Vec<WrittenSection>,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Short {
    #[schemars(regex(pattern = PARAGRAPH))]
    pub summary: String,
}

impl Answer for Facts {
    const TASK: &'static str = "research";

    fn texts(&self) -> Vec<&str> {
        self.findings.iter().map(String::as_str).collect()
    }
}

impl Answer for Plan {
    const TASK: &'static str = "outline";

    fn texts(&self) -> Vec<&str> {
        let sections = self.sections.iter();
        let points = sections.flat_map(|section| section.points.iter().chain([&section.heading]));
        points.chain([&self.headline]).map(String::as_str).collect()
    }
}

impl Answer for SearchTerms {
    const TASK: &'static str = "seo";

    fn texts(&self) -> Vec<&str> {
        self.keywords.iter().chain([&self.description]).map(String::as_str).collect()
    }
}

impl Answer for Text {
    const TASK: &'static str = "draft";

    fn texts(&self) -> Vec<&str> {
        self.sections.iter().flat_map(|section| [section.heading.as_str(), &section.text]).collect()
    }
}

impl Answer for NewText {
    const TASK: &'static str = "revise";

    fn texts(&self) -> Vec<&str> {
        self.sections.iter().flat_map(|section| [section.heading.as_str(), &section.text]).collect()
    }
}

impl Answer for Short {
    const TASK: &'static str = "summarise";

    fn texts(&self) -> Vec<&str> {
        vec![&self.summary]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::schema::strict;

    #[test]
    fn reasons_come_before_decisions() {
        let schema = strict::<Facts>(1)["properties"].to_string();
        let at = |field: &str| schema.find(&format!("\"{field}\":")).unwrap();
        assert!(at("assessment") < at("complexity") && at("complexity") < at("findings"));
        let schema = strict::<NewText>(1)["properties"].to_string();
        assert!(schema.starts_with("{\"changes\":"));
    }
}

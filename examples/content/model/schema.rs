//! JSON Schemas as strict servers want them.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

/// The schema of an answer: one object without references, every key required, no other key allowed,
/// its lists no longer than `most`: a small model goes on with a list for as long as it may.
pub(super) fn strict<T: JsonSchema>(most: usize) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    RecursiveTransform(tighten).transform(&mut schema);
    let mut schema = schema.to_value();
    let fields = schema["properties"].as_object_mut().into_iter().flatten();
    for (_, list) in fields.filter(|(_, field)| field["type"] == "array") {
        list["maxItems"] = json!(most);
    }
    schema
}

fn tighten(schema: &mut Schema) {
    for unknown in ["format", "default", "minimum", "maximum", "title"] {
        schema.remove(unknown);
    }
    if let Some(choices) = schema.remove("oneOf") {
        schema.insert("anyOf".into(), choices);
    }
    let keys = schema.get("properties").and_then(Value::as_object);
    if let Some(keys) = keys.map(|keys| keys.keys().cloned().collect::<Vec<_>>()) {
        schema.insert("required".into(), json!(keys));
        schema.insert("additionalProperties".into(), json!(false));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use schemars::JsonSchema;

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Answer {
        title: Option<String>,
        parts: Vec<Part>,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Part {
        count: u32,
        kind: Kind,
    }

    /// A choice whose variants are documented.
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    enum Kind {
        /// One.
        A,
        /// The other.
        B,
    }

    #[test]
    fn a_strict_schema_is_closed_and_whole() {
        let schema = strict::<Answer>(7);
        assert_eq!(schema["properties"]["parts"]["maxItems"], json!(7));
        let part = &schema["properties"]["parts"]["items"];
        for object in [&schema, part] {
            assert_eq!((&object["type"], &object["additionalProperties"]), (&json!("object"), &json!(false)));
            assert_eq!(object["required"].as_array().unwrap().len(), 2);
        }
        let text = schema.to_string();
        for forbidden in ["$ref", "$defs", "$schema", "oneOf", "format", "minimum"] {
            assert!(!text.contains(forbidden), "{text}");
        }
        assert_eq!(part["properties"]["kind"]["anyOf"].as_array().unwrap().len(), 2);
    }
}

//! Whether a value that was written by one schema can be read by another. The same question as the loader's, asked of
//! types instead of values.

use serde_json::{Map, Value};

/// What does not fit, in the words of the user's types; empty where every value can be read.
pub(super) fn misfits((name, written): (&str, &Value), (now, read): (&str, &Value)) -> Vec<String> {
    let mut compared = Compared { written, read, under: Vec::new(), found: Vec::new() };
    compared.named(name, (written, name), (read, now));
    compared.found
}

struct Compared<'v> {
    written: &'v Value,
    read: &'v Value,
    /// The pairs of named types around: a type that holds itself is compared once.
    under: Vec<(&'v Value, &'v Value)>,
    found: Vec<String>,
}

impl<'v> Compared<'v> {
    fn schemas(&mut self, at: &str, old: &'v Value, new: &'v Value) {
        self.named(at, (old, &word(old)), (new, &word(new)));
    }

    fn named(&mut self, at: &str, (old, old_name): (&'v Value, &str), (new, named): (&'v Value, &str)) {
        let (old, new) = (resolved(self.written, old), resolved(self.read, new));
        if self.under.iter().any(|(a, b)| std::ptr::eq(*a, old) && std::ptr::eq(*b, new)) {
            return;
        }
        self.under.push((old, new));
        let (olds, news) = (alternatives(self.written, old), alternatives(self.read, new));
        if let ([old], [new]) = (&olds[..], &news[..]) {
            self.one(at, (old, old_name), (new, named));
        } else {
            for old in &olds {
                self.one_of(at, old, &news, (old_name, named));
            }
        }
        self.under.pop();
    }

    /// Each alternative that was written must be read by one.
    fn one_of(&mut self, at: &str, old: &Alternative<'v>, news: &[Alternative<'v>], names: (&str, &str)) {
        let before = self.found.len();
        for new in news {
            self.one(at, (old, names.0), (new, names.1));
            let fits = self.found.len() == before;
            let same_variant = old.tag().is_some() && old.tag() == new.tag();
            if fits || same_variant {
                return;
            }
            self.found.truncate(before);
        }
        self.found.push(match old.tag() {
            Some(tag) => format!("`{at}` had the variant `{tag}`, which is gone"),
            None if names.0 == names.1 => format!("`{at}` could be `{}`, which is gone", old.word()),
            None => self.changed(at, names.0, names.1),
        });
    }

    fn one(&mut self, at: &str, (old, old_name): (&Alternative<'v>, &str), (new, new_name): (&Alternative<'v>, &str)) {
        let changed = self.changed(at, old_name, new_name);
        let fits = match (old, new) {
            (_, Alternative::Any) => true,
            (Alternative::Any, _) => false,
            (Alternative::Value(old), Alternative::Value(new)) => old == new,
            (Alternative::Value(old), Alternative::Typed(kind, new)) => {
                old.is_string() && *kind == "string" && text(new) == (None, None, None)
            }
            (Alternative::Typed(..), Alternative::Value(_)) => false,
            (Alternative::Typed(old_kind, old), Alternative::Typed(kind, new)) => match (*old_kind, *kind) {
                ("object", "object") => return self.objects(at, old, new),
                ("array", "array") => return self.arrays(at, old, new, &changed),
                ("string", "string") => text(old) == text(new),
                ("integer", "integer") => within(range(old), range(new)),
                ("integer" | "number", "number") => true,
                (old, new) => old == new,
            },
        };
        if !fits {
            self.found.push(changed);
        }
    }

    fn changed(&self, at: &str, old: &str, new: &str) -> String {
        match self.under.len() {
            1 => format!("it is `{new}` now"),
            _ => format!("`{at}` was `{old}` and is now `{new}`"),
        }
    }

    fn objects(&mut self, at: &str, old: &'v Map<String, Value>, new: &'v Map<String, Value>) {
        let (old_fields, new_fields) = (fields(old), fields(new));
        for name in required(new) {
            if !required(old).any(|known| known == name) {
                self.found.push(format!("`{at}.{name}` is new and has no default"));
            }
        }
        let others = new.get("additionalProperties");
        for (name, old_field) in old_fields.into_iter().flatten() {
            match new_fields.and_then(|fields| fields.get(name)) {
                Some(new_field) => self.schemas(&format!("{at}.{name}"), old_field, new_field),
                None if others == Some(&Value::Bool(false)) => {
                    self.found.push(format!("`{at}.{name}` is gone, and fields that are not known are refused"));
                }
                None => {
                    if let Some(others) = others {
                        self.schemas(&format!("{at}.{name}"), old_field, others);
                    }
                }
            }
        }
        if let Some(values) = old.get("additionalProperties").filter(|values| values.is_object()) {
            let named = new_fields.into_iter().flatten().map(|(_, field)| field);
            for read in others.into_iter().chain(named) {
                self.schemas(&format!("{at}[..]"), values, read);
            }
        }
    }

    fn arrays(&mut self, at: &str, old: &'v Map<String, Value>, new: &'v Map<String, Value>, changed: &str) {
        let (old_parts, new_parts) = (old.get("prefixItems"), new.get("prefixItems"));
        match (old_parts.and_then(Value::as_array), new_parts.and_then(Value::as_array)) {
            (Some(old), Some(new)) if old.len() == new.len() => {
                for (index, (old, new)) in old.iter().zip(new).enumerate() {
                    self.schemas(&format!("{at}.{index}"), old, new);
                }
            }
            (None, None) if within(length(old), length(new)) => match (old.get("items"), new.get("items")) {
                (Some(old), Some(new)) => self.schemas(&format!("{at}[..]"), old, new),
                (_, None) => {}
                (None, Some(_)) => self.found.push(changed.to_owned()),
            },
            _ => self.found.push(changed.to_owned()),
        }
    }
}

/// One of the forms a value may have.
enum Alternative<'v> {
    Any,
    Value(&'v Value),
    Typed(&'v str, &'v Map<String, Value>),
}

impl Alternative<'_> {
    /// The name of the variant, if it is one of an enum.
    fn tag(&self) -> Option<String> {
        match self {
            Self::Value(value) => value.as_str().map(str::to_owned),
            Self::Typed("object", schema) => {
                let tagged = fields(schema)?.iter().find_map(|(_, field)| field.get("const")?.as_str());
                let mut required = required(schema);
                let only = required.next().filter(|_| required.next().is_none());
                let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
                tagged.or(only.filter(|_| closed)).map(str::to_owned)
            }
            _ => None,
        }
    }

    fn word(&self) -> String {
        match self {
            Self::Any => "anything".to_owned(),
            Self::Value(value) => value.to_string(),
            Self::Typed(_, schema) => schema_word(schema),
        }
    }
}

fn alternatives<'v>(root: &'v Value, schema: &'v Value) -> Vec<Alternative<'v>> {
    let schema = resolved(root, schema);
    let Some(object) = schema.as_object() else { return vec![Alternative::Any] };
    for key in ["oneOf", "anyOf"] {
        if let Some(all) = object.get(key).and_then(Value::as_array) {
            return all.iter().flat_map(|one| alternatives(root, one)).collect();
        }
    }
    if let Some(values) = object.get("enum").and_then(Value::as_array) {
        return values.iter().map(Alternative::Value).collect();
    }
    if let Some(value) = object.get("const") {
        return vec![Alternative::Value(value)];
    }
    match object.get("type") {
        Some(Value::String(kind)) => vec![Alternative::Typed(kind, object)],
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).map(|kind| Alternative::Typed(kind, object)).collect()
        }
        _ => vec![Alternative::Any],
    }
}

/// The schema itself where it is only named.
fn resolved<'v>(root: &'v Value, schema: &'v Value) -> &'v Value {
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|path| root.pointer(path.strip_prefix('#')?));
    target.unwrap_or(schema)
}

fn fields(schema: &Map<String, Value>) -> Option<&Map<String, Value>> {
    schema.get("properties")?.as_object()
}

fn required(schema: &Map<String, Value>) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Some strings are not stored as text: the format says which.
fn text(schema: &Map<String, Value>) -> (Option<&Value>, Option<&Value>, Option<&Value>) {
    (schema.get("format"), schema.get("minLength"), schema.get("maxLength"))
}

fn length(schema: &Map<String, Value>) -> (f64, f64) {
    let bound = |key, otherwise| schema.get(key).and_then(Value::as_f64).unwrap_or(otherwise);
    (bound("minItems", 0.0), bound("maxItems", f64::INFINITY))
}

fn within(old: (f64, f64), new: (f64, f64)) -> bool {
    new.0 <= old.0 && old.1 <= new.1
}

/// The numbers a type can hold. Between two bounds of 64 bits and 128 bits no type has its end.
fn range(schema: &Map<String, Value>) -> (f64, f64) {
    match schema.get("format").and_then(Value::as_str) {
        Some(format) if format.starts_with("uint") => (0.0, 2f64.powi(bits(format, "uint"))),
        Some(format) if format.starts_with("int") => {
            let end = 2f64.powi(bits(format, "int") - 1);
            (-end, end)
        }
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    }
}

fn bits(format: &str, prefix: &str) -> i32 {
    format[prefix.len()..].parse().unwrap_or(64)
}

/// What a user calls a type.
fn word(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        return name.rsplit('/').next().unwrap_or(name).to_owned();
    }
    schema.as_object().map_or_else(|| "anything".to_owned(), schema_word)
}

fn schema_word(schema: &Map<String, Value>) -> String {
    if let Some(title) = schema.get("title").and_then(Value::as_str) {
        return title.to_owned();
    }
    let format = schema.get("format").and_then(Value::as_str);
    match (schema.get("type"), format) {
        (Some(Value::Array(kinds)), _) => {
            let mut plain = schema.clone();
            let kind = kinds.iter().find(|kind| *kind != "null").cloned().unwrap_or_default();
            plain.insert("type".to_owned(), kind);
            format!("Option<{}>", schema_word(&plain))
        }
        (_, Some("uint")) => "usize".to_owned(),
        (_, Some("int")) => "isize".to_owned(),
        (_, Some("float")) => "f32".to_owned(),
        (_, Some("double")) => "f64".to_owned(),
        (_, Some(format)) => format.replace("uint", "u").replace("int", "i"),
        (Some(Value::String(kind)), None) => match kind.as_str() {
            "string" => "String".to_owned(),
            "boolean" => "bool".to_owned(),
            "null" => "()".to_owned(),
            "array" => format!("Vec<{}>", schema.get("items").map(word).unwrap_or_default()),
            kind => kind.to_owned(),
        },
        _ => match schema.get("anyOf").and_then(Value::as_array).map(Vec::as_slice) {
            Some([one, null]) if null.get("type").is_some_and(|kind| kind == "null") => format!("Option<{}>", word(one)),
            _ => "anything".to_owned(),
        },
    }
}

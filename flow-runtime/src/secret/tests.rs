use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Secret, hide};
use crate::encoded::Encoded;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Plain { token: Secret<String> },
    Deep(Deep),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Deep {
    Pair(Secret<String>, u8),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Login {
    name: String,
    #[serde(flatten)]
    more: Secret<BTreeMap<String, String>>,
}

fn token() -> Secret<String> {
    Secret::new("hunter2".to_owned())
}

/// It is stored, read back, and shown nowhere.
fn is_kept<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let stored = Encoded::of(value).unwrap();
    assert!(stored.as_bytes().windows(7).any(|part| part == b"hunter2"));
    assert_eq!(&stored.decode::<T>().unwrap(), value);
    let shown = [
        format!("{value:?}"),
        format!("{stored:?}"),
        stored.to_json().unwrap().to_string(),
        serde_json::to_string(&stored).unwrap(),
        String::from_utf8_lossy(&rmp_serde::to_vec_named(&value).unwrap_or_default()).into_owned(),
    ];
    for shown in shown {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn it_is_kept_in_each_shape() {
    is_kept(&token());
    is_kept(&vec![Some(token()), None]);
    is_kept(&Secret::new(vec![Some("hunter2".to_owned()), None]));
    is_kept(&(1, Secret::new(token())));
    is_kept(&BTreeMap::from([("token", token())].map(|(name, token)| (name.to_owned(), token))));
    is_kept(&Tagged::Plain { token: token() });
    is_kept(&Tagged::Deep(Deep::Pair(token(), 3)));
    is_kept(&Secret::new(Tagged::Deep(Deep::Pair(token(), 3))));
    is_kept(&Secret::new(Deep::Pair(token(), 3)));
}

/// What is flattened cannot be a text, so to show it is refused.
#[test]
fn a_flattened_one_is_refused_where_it_would_show() {
    let login = Login { name: "ada".to_owned(), more: Secret::new(BTreeMap::from([("pin".to_owned(), "hunter2".to_owned())])) };
    let stored = Encoded::of(&login).unwrap();
    assert_eq!(stored.decode::<Login>().unwrap(), login);
    assert!(!stored.to_json().unwrap().to_string().contains("hunter2"));
    assert!(serde_json::to_string(&login).is_err());
}

#[test]
fn a_person_may_give_it_plain() {
    fn plain<T: DeserializeOwned>(json: serde_json::Value) -> T {
        let from_json = serde_json::from_value::<Secret<T>>(json.clone()).unwrap();
        drop(from_json);
        Encoded::of(&json).unwrap().decode::<Secret<T>>().unwrap().into_exposed()
    }
    assert_eq!(plain::<String>(json!("hunter2")), "hunter2");
    assert_eq!(plain::<Option<u8>>(json!(null)), None);
    assert_eq!(plain::<Option<u8>>(json!(7)), Some(7));
    assert_eq!(plain::<f64>(json!(1)), 1.0);
    assert_eq!(plain::<(i8, bool)>(json!([-1, true])), (-1, true));
    assert_eq!(plain::<Deep>(json!({ "Pair": ["x", 2] })), Deep::Pair(Secret::new("x".to_owned()), 2));
    assert_eq!(plain::<BTreeMap<String, u8>>(json!({ "a": 1, "b": 2 })).len(), 2);
    assert!(plain::<BTreeMap<String, u8>>(json!({})).is_empty());
}

#[test]
fn what_was_hidden_cannot_be_read() {
    let hidden = serde_json::to_value(token()).unwrap();
    let from_json = serde_json::from_value::<Secret<String>>(hidden.clone()).unwrap_err().to_string();
    let stored = Encoded::of(&hidden).unwrap().decode::<Secret<u8>>().unwrap_err().to_string();
    for error in [from_json, stored] {
        assert!(error.contains("`[secret]` stands for a value that was not written here"), "{error}");
    }
}

/// serde says which value it found where it wanted another; a secret does not.
#[test]
fn an_error_does_not_say_it() {
    let stored = Encoded::of(&token()).unwrap();
    let errors = [
        stored.decode::<Secret<u8>>().unwrap_err().to_string(),
        stored.decode::<Secret<Vec<u8>>>().unwrap_err().to_string(),
        stored.decode::<String>().unwrap_err().to_string(),
        serde_json::from_value::<Secret<u8>>(json!("hunter2")).unwrap_err().to_string(),
        serde_json::from_value::<Secret<u8>>(json!(["hunter2"])).unwrap_err().to_string(),
        serde_json::from_value::<Secret<u8>>(json!({ "hunter2": "hunter2" })).unwrap_err().to_string(),
    ];
    for error in errors {
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn what_has_the_mark_is_hidden() {
    let mut json = json!([{ "$flow.secret": 1 }, { "$flow.secret": 1, "b": 2 }, { "a": { "$flow.secret": [1] } }]);
    hide(&mut json);
    assert_eq!(json, json!(["[secret]", { "$flow.secret": "[secret]", "b": 2 }, { "a": "[secret]" }]));
}

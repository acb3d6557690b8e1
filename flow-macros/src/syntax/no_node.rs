//! What people await out of habit and is no node, and what to write instead.

use quote::ToTokens;
use syn::{Error, ExprPath};

const KNOWN_FUTURES: &[(&str, &str)] = &[
    ("tokio::time::sleep", "use `sleep(..)` of flow_runtime"),
    ("tokio::time::sleep_until", "use `sleep_until(..)` of flow_runtime"),
    ("tokio::time::timeout", "write `timeout = \"..\"` on the `#[step]`"),
    ("std::future::ready", "its value is there already, leave `.await` out"),
    ("futures::future::ready", "its value is there already, leave `.await` out"),
    ("tokio::spawn", "write arms: `try_join!(a(..), b(..))`"),
    ("tokio::task::spawn_blocking", "make the function a `#[step(blocking)]`"),
    ("futures::future::join_all", "write arms: `try_join!(a(..), b(..))`"),
];

/// Rule `awaited`, for what looks like the call of a node, and is known to be none by its name.
///
/// ```text
/// tokio::time::sleep(DAY).await;      ✗
/// sleep(DAY).await?;                  ✓ of flow_runtime
/// ```
pub(super) fn known(path: &ExprPath) -> Option<Error> {
    let text = path.to_token_stream().to_string().replace(' ', "");
    let known = KNOWN_FUTURES.iter().find(|(known, _)| text.trim_start_matches("::") == *known);
    let message = match known {
        Some((known, instead)) => format!("`{known}` is not a node, so a run could not stop there: {instead}"),
        None => of_a_type(path, &text)?,
    };
    Some(Error::new_spanned(path, message))
}

/// Nodes stand in modules alone.
fn of_a_type(path: &ExprPath, text: &str) -> Option<String> {
    let mut names = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
    let (last, before) = (names.next()?, names.next().unwrap_or_default());
    if ["Some", "Ok", "Err"].contains(&last.as_str()) {
        return Some(format!("`{text}(..)` is a value, nothing in it is waited for: leave `.await` out"));
    }
    (path.qself.is_some() || before.starts_with(char::is_uppercase)).then(|| {
        format!("`{text}` belongs to a type, so it is not a node: call it in a `#[step] async fn` outside of any `impl`, and await that")
    })
}

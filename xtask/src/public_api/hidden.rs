//! What is hidden is no part of the interface, but may be exported from a place that is not hidden.
//!
//! Rustdoc leaves all of a hidden module out of its JSON, and so the types that the crate's root exports
//! from there. It is therefore asked for everything, and what is hidden is taken out here.
//!
//! The JSON stays a [`Value`]: the types of `rustdoc-types` would make xtask take a fifth longer to build.

use std::collections::HashSet;

use serde_json::{Map, Value};

/// The attribute, as rustdoc writes it.
const HIDDEN: &str = "#[doc(hidden)]";

/// The kinds of items whose list of others is shortened.
const HOLDERS: [&str; 3] = ["module", "trait", "impl"];

/// Takes each hidden item out of the list of what its parent holds. Exports still lead to it.
///
/// `index` has all items of the crate, by their numbers.
pub fn leave_out(index: &mut Map<String, Value>) {
    let marked = index.iter().filter(|(_, item)| is_hidden(item));
    let mut hidden: HashSet<String> = marked.map(|(id, _)| id.clone()).collect();
    let implemented: Vec<String> = index
        .values()
        .flat_map(|item| implemented(index, &item["inner"]["impl"], &hidden))
        .collect();
    hidden.extend(implemented);

    for item in index.values_mut() {
        for holder in HOLDERS {
            let held = item.pointer_mut(&format!("/inner/{holder}/items"));
            if let Some(held) = held.and_then(Value::as_array_mut) {
                held.retain(|id| !hidden.contains(&id.to_string()));
            }
        }
    }
}

fn is_hidden(item: &Value) -> bool {
    item["attrs"].as_array().is_some_and(|attrs| attrs.iter().any(|one| one["other"] == HIDDEN))
}

/// Items of an implementation that are hidden in its trait: there alone do they have the attribute.
fn implemented(
    index: &Map<String, Value>,
    implementation: &Value,
    hidden: &HashSet<String>,
) -> Vec<String> {
    let name = |id: &String| index.get(id).and_then(|item| item["name"].as_str());
    let of = index.get(&implementation["trait"]["id"].to_string());
    let declared = of.map(|item| held(&item["inner"]["trait"])).unwrap_or_default();
    let names: HashSet<&str> =
        declared.iter().filter(|id| hidden.contains(*id)).filter_map(name).collect();
    let mut items = held(implementation);
    items.retain(|id| name(id).is_some_and(|name| names.contains(name)));
    items
}

/// The numbers of what a trait or an implementation holds.
fn held(holder: &Value) -> Vec<String> {
    holder["items"]
        .as_array()
        .map_or_else(Vec::new, |ids| ids.iter().map(Value::to_string).collect())
}

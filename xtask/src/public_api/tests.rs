use rustdoc_types::FORMAT_VERSION;
use serde_json::{Value, json};

use super::{compare, rustdoc};

#[test]
fn the_same_interface_passes() {
    compare::same("pub mod it\npub fn it::one()\n", "pub mod it\npub fn it::one()\n").unwrap();
    compare::same("", "").unwrap();
}

#[test]
fn a_change_is_shown_by_its_lines_with_the_remedy() {
    let recorded = "pub mod it\npub fn it::gone()\npub fn it::one(u8)\npub fn it::two()\n";
    let now = "pub mod it\npub fn it::one(u16)\npub fn it::two()\npub fn it::young()\n";
    let error = compare::same(recorded, now).unwrap_err().to_string();
    let changed =
        |sign: char| -> Vec<_> { error.lines().filter(|l| l.starts_with(sign)).collect() };
    assert_eq!(changed('-'), ["-pub fn it::gone()", "-pub fn it::one(u8)"]);
    assert_eq!(changed('+'), ["+pub fn it::one(u16)", "+pub fn it::young()"]);
    assert!(error.contains("cargo xtask public-api --bless"), "{error}");
    // An order of its own, too, is a difference, and so is an end that was cut off.
    compare::same("one\ntwo\n", "two\none\n").unwrap_err();
    compare::same("one\ntwo", "one\ntwo\n").unwrap_err();
}

#[test]
fn hidden_items_are_left_out_but_where_they_are_exported() {
    let json = example(FORMAT_VERSION).to_string();
    let expected = "pub mod it\n\
                    pub struct it::Exported\n\
                    impl it::Trait for it::Exported\n\
                    pub const it::Exported::SHOWN: bool\n\
                    pub trait it::Trait\n\
                    pub const it::Trait::SHOWN: bool\n\
                    impl it::Trait for it::Exported\n\
                    pub const it::Exported::SHOWN: bool\n";
    assert_eq!(items(&json).unwrap().unwrap(), expected);
}

#[test]
fn another_format_is_no_failure_and_damage_is_one() {
    assert_eq!(items(&example(FORMAT_VERSION + 1).to_string()).unwrap(), None);
    items(&json!({ "format_version": FORMAT_VERSION }).to_string()).unwrap_err();
    items(&json!({ "format_version": FORMAT_VERSION, "index": {} }).to_string()).unwrap_err();
    items(&json!({ "index": {} }).to_string()).unwrap_err();
    items("{").unwrap_err();
}

fn items(json: &str) -> anyhow::Result<Option<String>> {
    let folder = tempfile::tempdir()?;
    rustdoc::items(json, &folder.path().join("visible.json"))
}

/// What rustdoc says of this crate, whose root exports `Exported`:
///
/// ```text
/// pub trait Trait { const SHOWN: bool; #[doc(hidden)] const HIDDEN: bool; }
/// #[doc(hidden)] pub mod hidden { pub struct Exported; impl Trait for Exported { both } pub struct Inner; }
/// ```
fn example(format: u32) -> Value {
    let none = json!({ "params": [], "where_predicates": [] });
    let module = |root: bool, items: &[u32]| {
        let content = json!({ "is_crate": root, "items": items, "is_stripped": false });
        json!({ "module": content })
    };
    let structure =
        |impls: &[u32]| json!({ "struct": { "kind": "unit", "generics": none, "impls": impls } });
    let constant = |value: Value| {
        let content = json!({ "type": { "primitive": "bool" }, "value": value });
        json!({ "assoc_const": content })
    };
    let path = |name: &str, id: u32| json!({ "path": name, "id": id, "args": null });
    let declared = json!({ "trait": {
        "is_auto": false, "is_unsafe": false, "is_dyn_compatible": false, "items": [6, 7], "generics": none,
        "bounds": [], "implementations": [5],
    } });
    let implemented = json!({ "impl": {
        "is_unsafe": false, "generics": none, "provided_trait_methods": [], "trait": path("Trait", 4),
        "for": { "resolved_path": path("Exported", 3) }, "items": [8, 9], "is_negative": false,
        "is_synthetic": false, "blanket_impl": null,
    } });
    let exported = json!({ "use": {
        "source": "hidden::Exported", "name": "Exported", "id": 3, "is_glob": false,
    } });
    let all = [
        ("it", false, module(true, &[1, 2, 4])),
        ("hidden", true, module(false, &[3, 10])),
        ("", false, exported),
        ("Exported", false, structure(&[5])),
        ("Trait", false, declared),
        ("", false, implemented),
        ("SHOWN", false, constant(Value::Null)),
        ("HIDDEN", true, constant(Value::Null)),
        ("SHOWN", false, constant("true".into())),
        ("HIDDEN", false, constant("true".into())),
        ("Inner", false, structure(&[])),
    ];
    let index = all.into_iter().enumerate().map(|(id, (name, hidden, inner))| {
        let attrs = if hidden { vec![json!({ "other": "#[doc(hidden)]" })] } else { Vec::new() };
        let item = json!({
            "id": id, "crate_id": 0, "name": if name.is_empty() { Value::Null } else { name.into() },
            "span": null, "visibility": "public", "docs": null, "links": {}, "attrs": attrs,
            "deprecation": null, "inner": inner,
        });
        (id.to_string(), item)
    });
    json!({
        "root": 0, "crate_version": null, "includes_private": false,
        "index": index.collect::<serde_json::Map<_, _>>(), "paths": {}, "external_crates": {},
        "target": { "triple": "", "target_features": [] }, "format_version": format,
    })
}

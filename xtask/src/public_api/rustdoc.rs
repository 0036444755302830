//! The interface, as rustdoc tells it in JSON.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use public_api::Builder;
use rustdoc_types::FORMAT_VERSION;
use serde_json::Value;

use super::hidden;
use crate::{paths, process};

/// One public item per line; nothing if the compiler's JSON is of another format than the one that we read.
///
/// # Errors
///
/// If the runtime cannot be documented, or the JSON cannot be read although it is of our format.
pub fn interface() -> Result<Option<String>> {
    // Of its own: what is built for the flag below is not mixed with anything else.
    let folder = paths::target()?.join("public-api");
    let json = folder.join("doc/arc_runtime.json");
    // One of an earlier run must not stand in for one that was written elsewhere.
    let _ = fs::remove_file(&json);
    let mut doc = process::cargo();
    // Those who derive code for the dependencies are not optimized in this profile: less to wait for.
    doc.args(["rustdoc", "--release", "--package", "arc-runtime", "--lib"]);
    doc.args(["--features", "std,signed"]);
    doc.arg("--target-dir").arg(&folder).args(["--", "-Z", "unstable-options"]);
    doc.args(["--output-format", "json", "--document-hidden-items", "--cap-lints", "allow"]);
    // A stable rustdoc, too, writes JSON, behind its unstable flags.
    doc.env("RUSTC_BOOTSTRAP", "1").env_remove("CARGO_BUILD_TARGET");
    // Neither a processor that someone builds for nor another flag of theirs shows in the record.
    doc.env("CARGO_ENCODED_RUSTFLAGS", "").env("CARGO_ENCODED_RUSTDOCFLAGS", "");
    process::run(&mut doc)?;
    let text = fs::read_to_string(&json).with_context(|| format!("reading {}", json.display()))?;
    items(&text, &folder.join("visible.json"))
}

/// The items that `json` tells of. What is visible of it is written to `visible`: the library reads files.
pub(super) fn items(json: &str, visible: &Path) -> Result<Option<String>> {
    let mut all: Value = serde_json::from_str(json).context("rustdoc's JSON")?;
    let format = all["format_version"].as_u64().context("rustdoc's JSON has no format_version")?;
    if format != u64::from(FORMAT_VERSION) {
        println!(
            "SKIPPED the public interface: this compiler's rustdoc writes JSON of format {format}, and the \
             library `public-api` of xtask/Cargo.toml reads format {FORMAT_VERSION}; another version of it may read \
             the new one"
        );
        return Ok(None);
    }
    let index = all["index"].as_object_mut().context("rustdoc's JSON has no index")?;
    hidden::leave_out(index);
    fs::write(visible, all.to_string())
        .with_context(|| format!("writing {}", visible.display()))?;
    let interface = Builder::from_rustdoc_json(visible)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .with_context(|| format!("reading {}", visible.display()))?;
    Ok(Some(interface.to_string()))
}

//! Whether sops reads what was sealed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bulla_testkit::{Sandbox, keys, peers};

use crate::sealing::leaves;

/// Whether sops reads what was sealed. Its own YAML may be damaged: it writes block
/// scalars that begin with a blank in lists, and text with odd line breaks, so that
/// they read back otherwise; then its JSON, which has the first document only, counts.
///
/// # Errors
///
/// With what sops reads instead.
pub fn sops_agrees(sandbox: &Sandbox, text: &str, sealed: &str) -> Result<(), String> {
    let context = |what: &str| format!("{what}\n{text:?}\n{text}\n-----\n{sealed}");
    // A block scalar without a final line break gets one from the `sops` block.
    let closed = format!("{text}\n");
    let ours = [leaves(text), leaves(&closed)];
    let theirs = sops_decrypts(sandbox, sealed, "yaml")
        .map_err(|error| context(&format!("sops fails: {error}")))?;
    let is_ours = |read: &[String]| ours.iter().any(|ours| values(read) == values(ours));
    if catch_unwind(AssertUnwindSafe(|| is_ours(&leaves(&theirs)))).unwrap_or(false) {
        return Ok(());
    }
    let json = match sops_decrypts(sandbox, sealed, "json") {
        // JSON has no infinity.
        Err(error) if error.contains("unsupported value") => return Ok(()),
        json => json.map_err(|error| context(&format!("sops fails with JSON: {error}")))?,
    };
    let read = leaves(&json);
    let is_first =
        |ours: &Vec<String>| ours.iter().filter(|leaf| leaf.starts_with("0 ")).eq(read.iter());
    if ours.iter().any(is_first) {
        return Ok(());
    }
    Err(context(&format!("sops reads another document:\n{:#?}\n{theirs}\n{json}", ours[0])))
}

/// What sops reads in a sealed text: the leaves of its YAML, and its error.
fn sops_decrypts(sandbox: &Sandbox, sealed: &str, output: &str) -> Result<String, String> {
    sandbox.write("secret.yaml", sealed.as_bytes());
    let sops = peers::sops();
    let run = sandbox.run(sandbox.command(&sops).env("SOPS_AGE_KEY", keys::age_identity()).args([
        "decrypt",
        "--output-type",
        output,
        "secret.yaml",
    ]));
    if run.code == 0 { Ok(run.out().to_owned()) } else { Err(run.err().to_owned()) }
}

/// The leaves without the number of their document.
fn values(leaves: &[String]) -> Vec<&str> {
    leaves.iter().filter_map(|leaf| leaf.split_once(' ')).map(|(_, leaf)| leaf).collect()
}

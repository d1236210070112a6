//! What is sealed, and what opens it.

use super::keys::Validator;

/// A Secret as somebody would write it.
pub(super) fn secret_manifest(validator: &Validator, token: &str) -> String {
    let lines: String =
        validator.priv_val_key().lines().map(|line| format!("    {line}\n")).collect();
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: pocket-core-1   # the first validator\n  namespace: pocket\ntype: Opaque\nstringData:\n  node_key.json: '{}'\n  priv_val_key.json: |\n{lines}  api-token: \"{token}\"\n",
        validator.node_key()
    )
}

/// A line with its long words cut.
pub(super) fn shortened(line: &str) -> String {
    const LONGEST: usize = 72;
    if line.chars().count() <= LONGEST {
        return line.to_owned();
    }
    let kept: String = line.chars().take(LONGEST).collect();
    format!("{kept}…")
}

/// The config of the plugin, beside the sealed file.
pub(super) fn generator(sealed: &str) -> String {
    let file = sealed.rsplit('/').next().unwrap_or(sealed);
    format!(
        "apiVersion: bulla/v1\nkind: SealedFiles\nmetadata:\n  name: secrets\n  annotations:\n    config.kubernetes.io/function: \"exec: {{path: bulla-krm}}\"\nfiles:\n  - {file}\n"
    )
}

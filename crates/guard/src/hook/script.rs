//! What the hooks say.

use super::Hook;

/// How our own hook is known again, whatever its version.
pub(super) const MARK: &str = "# Installed by `bulla guard install`";

/// The hook as a file of its own. It starts no program but those that it is about: it is
/// waited for. Where the pre-commit framework has moved it to `NAME.legacy`, there is no
/// `NAME.legacy.local`, so that the two do not call each other for ever.
pub(super) fn script(hook: Hook) -> String {
    let name = hook.name();
    let ask = format!("bulla guard hook {name}");
    // Of a push both want the lines that can be read once.
    let body = match hook {
        Hook::PrePush => format!(
            r#"if [ -x "$0.local" ]; then
    lines="$(cat)"
    give() {{ [ -z "$lines" ] || printf '%s\n' "$lines"; }}
    give | "$0.local" "$@" || exit
    give | {ask} "$@"
    exit
fi
exec {ask} "$@"
"#
        ),
        _ => format!(
            r#"if [ -x "$0.local" ]; then
    "$0.local" "$@" || exit
fi
exec {ask} "$@"
"#
        ),
    };
    format!(
        r#"#!/bin/sh
{MARK}: the hook that was here before, then the guard.
if ! command -v bulla >/dev/null 2>&1; then
    echo "{name}: bulla is not on PATH, so nothing looks for plaintext secrets; install it" >&2
    exit 1
fi
{body}"#
    )
}

/// The hook as a line among others.
pub(super) fn line(hook: Hook) -> String {
    match hook {
        Hook::PreCommit | Hook::PreMergeCommit => format!("bulla guard hook {hook}"),
        Hook::CommitMsg => format!("bulla guard hook {hook} \"$1\""),
        Hook::PrePush => format!("bulla guard hook {hook} \"$@\""),
    }
}

/// Whether a script has our line in it, as a command and not in a comment.
pub(super) fn has_line(script: &str, hook: Hook) -> bool {
    let asks = format!("bulla guard hook {hook}");
    let is_ours = |line: &str| {
        let command = line.split('#').next().unwrap_or_default();
        command.contains(&asks)
            || (hook == Hook::PreCommit && command.contains("bulla guard --staged"))
    };
    script.lines().any(is_ours)
}

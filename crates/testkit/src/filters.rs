//! Takes out of a text what differs from run to run, so that the rest can be compared with a
//! snapshot.
//!
//! Each function takes out one thing; [`all`] does them in turn. Where a sealed value stood, its
//! type stays: a number that was sealed as a string is a fault that a snapshot must show.

use std::path::Path;
use std::sync::LazyLock;

use regex_lite::Regex;

/// Every filter of this module. `root` is the sandbox that the text comes from.
pub fn all(text: &str, root: &Path) -> String {
    let text = paths(text, root);
    let text = sealed_values(&text);
    let text = age_files(&text);
    let text = timestamps(&text);
    version(&text)
}

/// `/some/temporary/directory/work/a.yaml` becomes `[SANDBOX]/work/a.yaml`.
pub fn paths(text: &str, root: &Path) -> String {
    text.replace(&root.display().to_string(), "[SANDBOX]")
}

/// `ENC[AES256_GCM,data:...,iv:...,tag:...,type:str]` becomes `ENC[str]`.
pub fn sealed_values(text: &str) -> String {
    static SEALED: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"ENC\[AES256_GCM,[^\]]*,type:([a-z]+)\]"));
    SEALED.replace_all(text, "ENC[$1]").into_owned()
}

/// An armored age file becomes `[AGE FILE]`, however it is indented.
pub fn age_files(text: &str) -> String {
    static ARMOR: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?s)-----BEGIN AGE ENCRYPTED FILE-----.*?-----END AGE ENCRYPTED FILE-----")
    });
    ARMOR.replace_all(text, "[AGE FILE]").into_owned()
}

/// `2026-01-02T03:04:05Z`, with or without a fraction or an offset, becomes `[TIME]`.
pub fn timestamps(text: &str) -> String {
    static RFC3339: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"));
    RFC3339.replace_all(text, "[TIME]").into_owned()
}

/// `bulla 0.1.0` becomes `bulla [VERSION]`, so that a release does not touch the snapshots.
pub fn version(text: &str) -> String {
    text.replace(concat!("bulla ", env!("CARGO_PKG_VERSION")), "bulla [VERSION]")
}

fn pattern(text: &str) -> Regex {
    Regex::new(text)
        .expect("the patterns of this module are constants, and its tests compile each of them")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_keeps_only_its_type() {
        let text = "a: ENC[AES256_GCM,data:YQ==,iv:Yg==,tag:Yw==,type:int] # ENC[AES256_GCM,data:,type:str]";
        assert_eq!(sealed_values(text), "a: ENC[int] # ENC[str]");
        assert_eq!(sealed_values("a: ENC[AES256_GCM,cut"), "a: ENC[AES256_GCM,cut");
    }

    #[test]
    fn two_age_files_are_two() {
        let file = "-----BEGIN AGE ENCRYPTED FILE-----\n  YWdl\n  -----END AGE ENCRYPTED FILE-----";
        assert_eq!(
            age_files(&format!("{file}\nbetween\n{file}\n")),
            "[AGE FILE]\nbetween\n[AGE FILE]\n"
        );
    }

    #[test]
    fn times_go_and_dates_stay() {
        assert_eq!(timestamps("lastmodified: 2026-01-02T03:04:05Z"), "lastmodified: [TIME]");
        assert_eq!(timestamps("2026-01-02T03:04:05.678+01:00"), "[TIME]");
        assert_eq!(timestamps("born: 2026-01-02"), "born: 2026-01-02");
    }

    #[test]
    fn all_takes_out_the_sandbox_and_the_version() {
        let text =
            format!("bulla {}: {}/a.yaml: no rule", env!("CARGO_PKG_VERSION"), "/elsewhere/box");
        assert_eq!(
            all(&text, Path::new("/elsewhere/box")),
            "bulla [VERSION]: [SANDBOX]/a.yaml: no rule"
        );
    }
}

//! What tells a sealed file, and its format, without parsing it.
//!
//! The very bytes that Flux's controller looks for, so that both take the same files
//! for sealed ones.

use bulla_core::{Format, SEALED_MARK};

/// The format of a sealed text. A binary file's envelope is JSON, and is called so.
fn marked(text: &str) -> Option<Format> {
    if text.contains("\"mac\": \"ENC[") {
        Some(Format::Json)
    } else if text.contains("sops_mac=ENC[") {
        Some(Format::Dotenv)
    } else if text.contains(SEALED_MARK) && text.lines().any(|line| line.trim_end() == "[sops]") {
        // The controller goes by the section alone, which any text may have in it.
        Some(Format::Ini)
    } else {
        text.contains("mac: ENC[").then_some(Format::Yaml)
    }
}

/// The same, with the envelope of a binary file told from other JSON.
pub(crate) fn sealed_as(text: &str) -> Option<Format> {
    match marked(text)? {
        Format::Json => Format::of_sealed(text, None).or(Some(Format::Json)),
        format => Some(format),
    }
}

/// The format that a key of a Secret stands for, by its end.
pub(crate) fn of_key(key: &str) -> Format {
    match key.ends_with(".dockerconfigjson") {
        true => Format::Json,
        false => Format::from_path(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_has_its_own_marker() {
        let cases = [
            ("{\"sops\": {\"mac\": \"ENC[AES256_GCM,data:\"}}", Some(Format::Json)),
            ("sops_mac=ENC[AES256_GCM,data:\n", Some(Format::Dotenv)),
            ("[a]\nb = ENC[AES256_GCM,data:\n[sops]\r\n", Some(Format::Ini)),
            ("sops:\n    mac: ENC[AES256_GCM,data:\n", Some(Format::Yaml)),
            ("# see [sops]\n[sops]\n", None),
            ("mac: none\n", None),
        ];
        for (text, format) in cases {
            assert_eq!(marked(text), format, "{text}");
        }
    }

    #[test]
    fn a_key_stands_for_a_format() {
        assert_eq!(of_key("a.yml"), Format::Yaml);
        assert_eq!(of_key(".dockerconfigjson"), Format::Json);
        assert_eq!(of_key("a.env"), Format::Dotenv);
        assert_eq!(of_key("token"), Format::Binary);
    }
}

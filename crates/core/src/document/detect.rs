//! What a sealed file is, when its name does not say it or says something else.

use super::{Document, Format, binary};

impl Format {
    /// The format of a sealed text whose name stands for `named`.
    ///
    /// The name is believed unless the content contradicts it. `None` when there is no
    /// name and the content is of no sealed file.
    pub fn of_sealed(text: &str, named: Option<Self>) -> Option<Self> {
        // A quick look: what it does not settle is parsed.
        let braces = text.trim_ascii_start().starts_with('{');
        let is_credible = match named {
            // JSON is YAML too, and so is the envelope of a binary file.
            Some(Self::Yaml) => !braces && text.contains("\nsops:"),
            Some(Self::Json) => braces && !binary::looks_like_one(text),
            Some(Self::Dotenv) => text.contains("sops_mac="),
            Some(Self::Ini) => text.contains("[sops]"),
            Some(Self::Binary) => binary::looks_like_one(text),
            None => false,
        };
        if is_credible { named } else { by_content(text, named).or(named) }
    }
}

fn by_content(text: &str, named: Option<Format>) -> Option<Format> {
    let is_sealed = |format: &Format| {
        Document::parse(text, *format).is_ok_and(|document| document.metadata().is_some())
    };
    if is_envelope(text) {
        return Some(Format::Binary);
    }
    // What fits its name stays what it is called.
    let other = [Format::Json, Format::Yaml, Format::Dotenv, Format::Ini];
    named.filter(|named| *named != Format::Binary).into_iter().chain(other).find(is_sealed)
}

/// Whether this is the envelope of a binary file. JSON with the same one entry has a
/// selector, which sops gives to every format but binary.
fn is_envelope(text: &str) -> bool {
    binary::looks_like_one(text)
        && Document::parse(text, Format::Binary)
            .is_ok_and(|document| document.metadata().is_some_and(|it| it.selector.is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_believed_until_the_content_contradicts_it() {
        let sops = "\"sops\": {\"version\": \"3.13.1\", \"mac\": \"m\"";
        let token = "ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]";
        let binary = format!("{{\n\t\"data\": \"{token}\",\n\t{sops}}}\n}}\n");
        let json = format!("{{\"data\": \"{token}\", {sops}, \"encrypted_suffix\": \"a\"}}}}");
        let yaml = format!("data: {token}\nsops:\n  version: 3.13.1\n");
        let dotenv = format!("A={token}\nsops_version=3.13.1\nsops_mac=m\n");
        let ini = format!("[a]\nb = {token}\n\n[sops]\nversion = 3.13.1\nmac = m\n");
        let cases = [
            (&dotenv, Some(Format::Binary), Some(Format::Dotenv)),
            (&dotenv, Some(Format::Yaml), Some(Format::Dotenv)),
            (&dotenv, Some(Format::Dotenv), Some(Format::Dotenv)),
            (&ini, Some(Format::Dotenv), Some(Format::Ini)),
            (&ini, Some(Format::Ini), Some(Format::Ini)),
            (&ini, None, Some(Format::Ini)),
            (&binary, Some(Format::Binary), Some(Format::Binary)),
            (&binary, Some(Format::Yaml), Some(Format::Binary)),
            (&binary, Some(Format::Json), Some(Format::Binary)),
            (&binary, None, Some(Format::Binary)),
            (&json, Some(Format::Json), Some(Format::Json)),
            (&json, Some(Format::Yaml), Some(Format::Yaml)),
            (&json, None, Some(Format::Json)),
            (&yaml, Some(Format::Yaml), Some(Format::Yaml)),
            (&yaml, Some(Format::Json), Some(Format::Yaml)),
            (&yaml, Some(Format::Binary), Some(Format::Yaml)),
            (&yaml, None, Some(Format::Yaml)),
        ];
        for (text, named, expected) in cases {
            assert_eq!(Format::of_sealed(text, named), expected, "{named:?} {text}");
        }
        for text in ["", "x", "{}", "{\"a\": 1}", "a: b\n", "\0", "{\"data\": \"\"}"] {
            assert_eq!(Format::of_sealed(text, None), None, "{text}");
            assert_eq!(Format::of_sealed(text, Some(Format::Json)), Some(Format::Json), "{text}");
        }
    }

    #[test]
    fn json_that_yaml_cannot_read_is_json() {
        // YAML has an end to what a key may be.
        let key = "k".repeat(2000);
        let json = format!("{{\"{key}\": 1, \"sops\": {{\"version\": \"3.13.1\"}}}}");
        assert!(Document::parse(&json, Format::Yaml).is_err());
        assert_eq!(Format::of_sealed(&json, Some(Format::Yaml)), Some(Format::Json));
    }
}

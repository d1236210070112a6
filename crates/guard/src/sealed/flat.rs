//! Sealed files that are lines of names and values: dotenv and INI.

use bulla_core::{Document, Error, Format};

use super::{open_values, selector_name};
use crate::finding::{Confidence, Rule};
use crate::found::Found;

/// Judges the seal of such a file, if it has one.
pub(crate) fn find(text: &str) -> Vec<Found> {
    let Some((format, place)) = block(text) else { return Vec::new() };
    let damaged =
        |why: &str| vec![Found::new(place..place, Rule::DamagedSeal, Confidence::Structure, why)];
    let Ok(document) = Document::parse(text, format) else {
        return damaged(
            "there is a `sops` block, but sops cannot read this file, so it is not sealed by it",
        );
    };
    let metadata = match document.sealed_metadata() {
        Ok(metadata) => metadata,
        Err(Error::Metadata { reason, .. }) => {
            return damaged(&format!(
                "the `sops` block is damaged ({reason}), so nothing says what is sealed"
            ));
        }
        Err(_) => return Vec::new(),
    };
    let mut found = open_values(&document, metadata, &selector_name(metadata));
    if metadata.keys().next().is_none() {
        let why = "the `sops` block names no recipient, so nobody can open this file";
        found.push(Found::new(place..place, Rule::NoRecipients, Confidence::Proof, why));
    }
    found
}

/// The format, and where the metadata begins. Told from settings of that name by what
/// only sops writes.
fn block(text: &str) -> Option<(Format, usize)> {
    let starts = |start: &str| {
        text.find(&format!("\n{start}")).map(|at| at + 1).or(text.starts_with(start).then_some(0))
    };
    if let Some(place) = starts("sops_mac=").or_else(|| starts("sops_lastmodified=")) {
        return Some((Format::Dotenv, place));
    }
    let place = starts("[sops]")?;
    let names = text[place..].lines().filter_map(|line| line.split_once('='));
    names
        .map(|(name, _)| name.trim())
        .any(|name| matches!(name, "mac" | "lastmodified"))
        .then_some((Format::Ini, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "ENC[AES256_GCM,data:YQ==,iv:YWFhYWFhYWFhYWFhYWFhYQ==,tag:YWFhYWFhYWFhYWFhYWFhYQ==,type:str]";

    fn rules(text: &str) -> Vec<(Rule, Option<String>)> {
        find(text)
            .into_iter()
            .map(|found| (found.rule, found.value.map(|(_, path)| path)))
            .collect()
    }

    fn dotenv(lines: &str) -> String {
        format!(
            "A={TOKEN}\n# c\n{lines}\nsops_mac={TOKEN}\nsops_lastmodified=2026-01-01T00:00:00Z\nsops_version=3.12.2\nsops_age__list_0__map_recipient=age1x\nsops_age__list_0__map_enc=x\n"
        )
    }

    #[test]
    fn what_is_open_in_dotenv() {
        let open = [(Rule::NotSealed, Some(r#"["B"]"#.to_owned()))];
        assert_eq!(rules(&dotenv("B=hello")), open);
        assert_eq!(rules(&dotenv(&format!("B={TOKEN}x"))), open);
        for line in [format!("B={TOKEN}"), "B=".into()] {
            assert_eq!(rules(&dotenv(&line)), [], "{line}");
        }
        assert_eq!(rules(&(dotenv("B=hello") + "sops_encrypted_regex=^A$\n")), []);
        assert_eq!(rules("A=b\nsops_enabled=true\n"), []);
    }

    #[test]
    fn what_is_open_in_ini() {
        let text = |line: &str| {
            format!(
                "[a]\nx = {TOKEN}\n{line}\n\n[sops]\nmac = {TOKEN}\nlastmodified = 2026-01-01T00:00:00Z\nversion = 3.12.2\nage__list_0__map_recipient = age1x\nage__list_0__map_enc = x\n"
            )
        };
        let found = rules(&text("y = hello"));
        assert!(matches!(found.as_slice(), [(Rule::NotSealed, Some(_))]), "{found:?}");
        assert_eq!(rules(&text("")), []);
        assert_eq!(rules("[a]\nx = y\n\n[sops]\nenabled = true\n"), []);
    }

    #[test]
    fn a_block_without_recipients() {
        let text = dotenv("")
            .replace("sops_age__list_0__map_recipient=age1x\n", "")
            .replace("sops_age__list_0__map_enc=x\n", "");
        assert!(rules(&text).iter().any(|(rule, _)| *rule == Rule::NoRecipients));
    }
}

//! What to do about a finding.

use crate::finding::Rule;
use crate::printable::one_line;

/// Whether sealing the file as it is takes the finding away.
pub(crate) fn is_mended_by_sealing(rule: Rule, in_secret: bool) -> bool {
    match rule {
        Rule::ReadableSecret | Rule::NeverSealed => true,
        // The file is sealed already, or says that it is.
        Rule::NotCovered
        | Rule::NotSealed
        | Rule::DamagedSeal
        | Rule::NoRecipients
        | Rule::RulesDiffer => false,
        // What has no seal of its own to be put under.
        Rule::PlainSibling
        | Rule::LeftOver
        | Rule::ListedPlaintext
        | Rule::UnignoredKeys
        | Rule::GeneratorLiteral => false,
        _ => in_secret,
    }
}

/// In one line, with the file's own name in it.
pub(crate) fn fix(rule: Rule, in_secret: bool, path: &str) -> String {
    let path = one_line(path);
    match rule {
        Rule::NotCovered | Rule::NotSealed | Rule::DamagedSeal => {
            format!("restore the sealed file, or decrypt {path}, correct it and encrypt it again")
        }
        Rule::NoRecipients => format!("seal {path} for somebody: bulla encrypt -i {path}"),
        Rule::RulesDiffer => format!("bulla updatekeys {path}, or change the rule"),
        _ if is_mended_by_sealing(rule, in_secret) => format!("bulla encrypt -i {path}"),
        Rule::PlainSibling | Rule::LeftOver => {
            format!("git rm --cached {path}, and name it in .gitignore")
        }
        Rule::ListedPlaintext => "list the sealed file, or let a generator open it".to_owned(),
        Rule::UnignoredKeys => format!("put the line back into {path}"),
        Rule::GeneratorLiteral => {
            "move it into a sealed file, and let the generator name that".to_owned()
        }
        Rule::Credential | Rule::UrlPassword | Rule::Token | Rule::WebToken => format!(
            "move it out of {path} into a Secret, seal that, and refer to it; if it was pushed, revoke it"
        ),
        _ => format!(
            "git rm --cached {path}, and keep it sealed: bulla create secret generic NAME --from-file={path}"
        ),
    }
}

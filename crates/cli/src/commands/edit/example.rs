//! What a new file begins with.

use std::path::Path;

use bulla_core::{Document, Format, Part, Recipe, select};

/// A text that shows what the format can do; a Secret where a rule is for Secrets.
pub(super) fn example(format: Format, recipe: &Recipe, file: &Path) -> String {
    match format {
        Format::Yaml if is_for_secrets(recipe) => secret(&name_of(file)),
        Format::Yaml => YAML.to_owned(),
        Format::Json => JSON.to_owned(),
        Format::Dotenv => DOTENV.to_owned(),
        Format::Ini => INI.to_owned(),
        _ => TEXT.to_owned(),
    }
}

const YAML: &str = "\
# An example: write what you like in its place. Comments are sealed as well.
user: admin
password: change-me
hosts:
  - one.example.com
  - two.example.com
port: 5432
tls: true
";

const JSON: &str = "\
{
  \"user\": \"admin\",
  \"password\": \"change-me\",
  \"hosts\": [\"one.example.com\", \"two.example.com\"],
  \"port\": 5432,
  \"tls\": true
}
";

const DOTENV: &str = "\
# An example: write what you like in its place. Comments are sealed as well.
DB_USER=admin
DB_PASSWORD=change-me
";

const INI: &str = "\
; An example: write what you like in its place. Comments are sealed as well.
[database]
user = admin
password = change-me
";

const TEXT: &str = "An example: write what you like in its place.\n";

fn secret(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {name}\ntype: Opaque\nstringData:\n  \
         password: change-me\n"
    )
}

/// Whether what would be sealed of a Secret is its values, and nothing else.
fn is_for_secrets(recipe: &Recipe) -> bool {
    if recipe.kubernetes == Some(true) {
        return true;
    }
    // A key that no rule names.
    let text = secret("example").replace("password:", "0f3a:");
    let (Some(selector), Ok(document)) = (&recipe.selector, Document::parse(&text, Format::Yaml))
    else {
        return false;
    };
    let selected = select(&document, Some(selector));
    document.parts().iter().zip(selected).all(|(part, selected)| {
        let path = document.paths().display(part.path());
        selected == (matches!(part, Part::Leaf(_)) && path.starts_with("[\"stringData\"]"))
    })
}

/// A name that Kubernetes takes: that of the file, up to its first dot.
fn name_of(file: &Path) -> String {
    let name = file.file_name().map(|name| name.to_string_lossy().to_lowercase());
    let name = name.unwrap_or_default();
    let stem = name.split('.').find(|part| !part.is_empty()).unwrap_or_default();
    let label: String = stem
        .chars()
        .map(|char| if char.is_ascii_alphanumeric() { char } else { '-' })
        .take(63)
        .collect();
    let label = label.trim_matches('-');
    if label.is_empty() { "example".to_owned() } else { label.to_owned() }
}

#[cfg(test)]
mod tests {
    use bulla_core::{Selector, SelectorKind};

    use super::*;

    fn recipe(kind: SelectorKind, text: &str) -> Recipe {
        Recipe { selector: Some(Selector::new(kind, text).unwrap()), ..Recipe::default() }
    }

    #[test]
    fn a_rule_for_secrets_gets_one() {
        let file = Path::new("apps/My_DB.enc.yaml");
        let rule = recipe(SelectorKind::EncryptedRegex, "^(data|stringData)$");
        let text = example(Format::Yaml, &rule, file);
        assert!(text.contains("kind: Secret") && text.contains("name: my-db\n"), "{text}");
        for rule in [
            Recipe::default(),
            recipe(SelectorKind::EncryptedRegex, "^password$"),
            recipe(SelectorKind::UnencryptedSuffix, "_unencrypted"),
        ] {
            assert_eq!(example(Format::Yaml, &rule, file), YAML);
        }
    }
}

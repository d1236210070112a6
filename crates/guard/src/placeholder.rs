//! Values that stand where a secret will be, and are none.

/// What references to other stores begin with.
const REFERENCES: [&str; 6] =
    ["vault:", "op://", "ref+", "gcp:secretmanager:", "arn:", "secret://"];

/// How a placeholder begins and ends.
const BRACKETS: [(&str, &str); 5] =
    [("${", "}"), ("$(", ")"), ("{{", "}}"), ("<", ">"), ("%(", ")s")];

/// Whether a value is empty, a variable, a template, something in angle brackets, a
/// reference to a store, or one character again and again.
///
/// The whole value has to be that: `x${VAR}` has an `x` of its own.
pub(crate) fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    value.is_empty() || is_reference(value) || is_repeated(value) || is_all_brackets(value)
}

fn is_reference(value: &str) -> bool {
    REFERENCES.iter().any(|prefix| {
        value.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && !rest.contains(char::is_whitespace) && rest.contains(['/', ':'])
        })
    })
}

/// `xxxx`, `****`, `....`
fn is_repeated(value: &str) -> bool {
    let mut characters = value.chars();
    let first = characters.next();
    let fills = first.is_some_and(|first| "xX*.-_?".contains(first));
    fills && characters.all(|character| Some(character) == first)
}

/// One or more placeholders, with nothing but blanks between them.
fn is_all_brackets(mut value: &str) -> bool {
    while !value.is_empty() {
        let rest = BRACKETS.iter().find_map(|(open, close)| {
            let inner = value.strip_prefix(open)?;
            let end = inner.find(close)?;
            // Angle brackets hold a word or two, not a document.
            let fits = *open != "<" || (end > 0 && end <= 100 && !inner[..end].contains('<'));
            fits.then(|| &inner[end + close.len()..])
        });
        let Some(rest) = rest else { return false };
        value = rest.trim_start();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn placeholders_are_placeholders() {
        for value in [
            "",
            "  \n",
            "${PASSWORD}",
            "$(PASSWORD)",
            "{{ .Values.password | quote }}",
            "{{- with .Values.a }}{{ . }}{{- end }}",
            "<replace-me>",
            "<path:secret/data/app#password>",
            "${USER} ${PASSWORD}",
            "%(password)s",
            "xxxxxxxx",
            "********",
            "____",
            "vault:secret/data/app#password",
            "op://vault/item/password",
            "ref+awssm://app/password",
            "arn:aws:secretsmanager:eu-central-1:111122223333:secret:app",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
    }

    #[test]
    fn what_has_something_of_its_own_is_not() {
        for value in [
            "hunter2",
            "x${PASSWORD}",
            "${PASSWORD}x",
            "${PASSWORD",
            "postgres://app:hunter2@db/${DB}",
            "<a> or <b>",
            "<config><password>hunter2</password></config>",
            "vault:hunter2",
            "op://",
            "0000",
            "aaaa",
            "changeme",
        ] {
            assert!(!is_placeholder(value), "{value}");
        }
    }
}

//! What is measured: a name, the arguments that both programs get, and what must come out.

use std::fmt::Write;
use std::path::Path;

use bulla_testkit::{Sandbox, keys};

/// How the secrets of a Kubernetes Secret are chosen, in the words of both programs.
const REGEX: &str = "^(data|stringData)$";

/// One comparison. Both programs have the same command line for it.
pub(super) struct Case {
    /// The first column of the table.
    pub(super) label: &'static str,
    /// The arguments, which both programs understand.
    pub(super) args: Vec<String>,
    /// A secret of the file.
    secret: String,
    /// Whether the output has the secrets in the clear.
    opens: bool,
}

impl Case {
    /// What is wrong with the output, in words that follow the command line.
    pub(super) fn check(&self, output: &str) -> Result<(), &'static str> {
        match (self.opens, output.contains(&self.secret), output.contains("ENC[AES256_GCM,")) {
            (true, true, false) | (false, false, true) => Ok(()),
            (true, ..) => Err("did not open the file"),
            (false, ..) => Err("did not seal the file"),
        }
    }
}

/// Every case, with its files in the sandbox. What is to be opened was sealed by `sops`, which
/// nobody can call partial.
pub(super) fn all(sandbox: &Sandbox, sops: &Path) -> Vec<Case> {
    let small = secret(2);
    let large = secret(20_000);
    sandbox.write("small.yaml", &small);
    sandbox.write("large.yaml", &large);
    for (plain, sealed) in [("small.yaml", "small.enc.yaml"), ("large.yaml", "large.enc.yaml")] {
        let run = sandbox.run(sandbox.command(sops).args(encrypt(plain))).ok();
        sandbox.write(sealed, run.stdout);
    }
    vec![
        Case {
            label: "decrypt, one small Secret",
            args: decrypt("small.enc.yaml"),
            secret: value(1),
            opens: true,
        },
        Case {
            label: "decrypt, 20,000 values in 1 MB",
            args: decrypt("large.enc.yaml"),
            secret: value(19_999),
            opens: true,
        },
        Case {
            label: "encrypt, 20,000 values in 1 MB",
            args: encrypt("large.yaml"),
            secret: value(19_999),
            opens: false,
        },
    ]
}

fn decrypt(file: &str) -> Vec<String> {
    ["decrypt", file].map(str::to_owned).into()
}

fn encrypt(file: &str) -> Vec<String> {
    ["encrypt", "--age", keys::age_recipient(), "--encrypted-regex", REGEX, file]
        .map(str::to_owned)
        .into()
}

/// A Kubernetes Secret with `count` values of 32 characters, indented as sops would write it.
fn secret(count: u32) -> String {
    let mut text =
        "apiVersion: v1\nkind: Secret\nmetadata:\n    name: bench\nstringData:\n".to_owned();
    for index in 0..count {
        writeln!(text, "    key-{index:05}: {}", value(index))
            .expect("writing to a String cannot fail");
    }
    text
}

/// Text that looks random and is the same in every run. The letter keeps YAML from reading a
/// number.
fn value(index: u32) -> String {
    let mut state = u64::from(index);
    let mut next = || {
        // SplitMix64: good mixing of a counter in three lines.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
    };
    format!("v{:016x}{:015x}", next(), next() >> 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(opens: bool) -> Case {
        Case { label: "", args: Vec::new(), secret: value(1), opens }
    }

    #[test]
    fn the_large_file_is_a_megabyte() {
        let size = secret(20_000).len();
        assert!((900_000..1_100_000).contains(&size), "{size}");
    }

    #[test]
    fn every_value_is_its_own_and_32_characters() {
        let values: std::collections::HashSet<String> = (0..20_000).map(value).collect();
        assert_eq!(values.len(), 20_000);
        assert!(values.iter().all(|value| value.len() == 32));
    }

    #[test]
    fn a_program_that_does_nothing_is_found_out() {
        assert!(case(true).check("").is_err());
        assert!(case(false).check("").is_err());
        assert!(case(false).check(&secret(2)).is_err());
        assert!(case(true).check(&secret(2)).is_ok());
        assert!(case(false).check("a: ENC[AES256_GCM,data:").is_ok());
    }
}

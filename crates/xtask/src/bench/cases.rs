//! What is measured: a name, the arguments that both programs get, and what must come out.

use std::fmt::Write;
use std::path::Path;

use bulla_testkit::{Sandbox, keys};

/// How the secrets of a Kubernetes Secret are chosen, in the words of both programs.
pub(super) const REGEX: &str = "^(data|stringData)$";

/// How many times less often slow cases are run.
pub(super) const SLOWER: usize = 7;

/// The size of the binary file, in bytes.
const BINARY: usize = 256 << 20;

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
    /// Whether one run takes sops many seconds.
    is_slow: bool,
}

impl Case {
    /// How often it is run when others are run `runs` times.
    pub(super) fn runs(&self, runs: usize) -> usize {
        if self.is_slow { runs.div_ceil(SLOWER) } else { runs }
    }

    /// What is wrong with the output, in words that follow the command line.
    pub(super) fn check(&self, output: &str) -> Result<(), &'static str> {
        match (self.opens, output.contains(&self.secret), output.contains("ENC[AES256_GCM,")) {
            (true, true, false) | (false, false, true) => Ok(()),
            (true, ..) => Err("did not open the file"),
            (false, ..) => Err("did not seal the file"),
        }
    }
}

/// Every case that is wanted by its label, with its files in the sandbox. What is to be opened
/// was sealed by `sops`, which nobody can call partial.
pub(super) fn some(sandbox: &Sandbox, sops: &Path, wanted: impl Fn(&str) -> bool) -> Vec<Case> {
    let all = [
        (SMALL, Input::Small, true),
        ("decrypt, 20,000 values in 1 MB", Input::Large, true),
        ("encrypt, 20,000 values in 1 MB", Input::Large, false),
        ("decrypt, 256 MiB of binary", Input::Binary, true),
        ("encrypt, 256 MiB of binary", Input::Binary, false),
    ];
    let wanted = all.into_iter().filter(|(label, ..)| wanted(label));
    wanted.map(|(label, input, opens)| case(sandbox, sops, label, input, opens)).collect()
}

/// The case in which a program does little but start.
pub(super) fn small(sandbox: &Sandbox, sops: &Path) -> Case {
    case(sandbox, sops, SMALL, Input::Small, true)
}

const SMALL: &str = "decrypt, one small Secret";

/// What is sealed or opened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Input {
    Small,
    Large,
    Binary,
}

impl Input {
    /// The names of the plaintext and of the sealed file.
    fn files(self) -> [&'static str; 2] {
        match self {
            Self::Small => ["small.yaml", "small.enc.yaml"],
            Self::Large => ["large.yaml", "large.enc.yaml"],
            Self::Binary => ["large.bin", "large.bin.enc"],
        }
    }

    /// The plaintext, and a secret that is in it.
    fn plaintext(self) -> (Vec<u8>, String) {
        match self {
            Self::Small => (secret(2).into_bytes(), value(1)),
            Self::Large => (secret(20_000).into_bytes(), value(19_999)),
            Self::Binary => (binary(), value(0)),
        }
    }
}

fn case(sandbox: &Sandbox, sops: &Path, label: &'static str, input: Input, opens: bool) -> Case {
    let [plain, sealed] = input.files();
    let (bytes, secret) = input.plaintext();
    sandbox.write(plain, bytes);
    let encrypt = if input == Input::Binary { encrypt_binary(plain) } else { encrypt(plain) };
    if opens {
        let run = sandbox.run(sandbox.command(sops).args(&encrypt)).ok();
        sandbox.write(sealed, run.stdout);
    }
    let args = if opens { decrypt(sealed) } else { encrypt };
    Case { label, args, secret, opens, is_slow: input == Input::Binary }
}

fn decrypt(file: &str) -> Vec<String> {
    ["decrypt", file].map(str::to_owned).into()
}

fn encrypt(file: &str) -> Vec<String> {
    ["encrypt", "--age", keys::age_recipient(), "--encrypted-regex", REGEX, file]
        .map(str::to_owned)
        .into()
}

fn encrypt_binary(file: &str) -> Vec<String> {
    ["encrypt", "--age", keys::age_recipient(), file].map(str::to_owned).into()
}

/// Bytes that are no text, and one value to find them by.
fn binary() -> Vec<u8> {
    let mut bytes = value(0).into_bytes();
    bytes.push(0xff);
    let mut state = 1_u64;
    while bytes.len() < BINARY {
        // Numerical Recipes' generator: what the bytes are does not matter.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(BINARY);
    bytes
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
pub(super) fn value(index: u32) -> String {
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
        Case { label: "", args: Vec::new(), secret: value(1), opens, is_slow: false }
    }

    #[test]
    fn the_large_file_is_a_megabyte() {
        let size = secret(20_000).len();
        assert!((900_000..1_100_000).contains(&size), "{size}");
    }

    #[test]
    fn the_binary_file_is_no_text_and_has_a_value_in_it() {
        let bytes = binary();
        assert_eq!(bytes.len(), BINARY);
        assert!(bytes.starts_with(value(0).as_bytes()) && str::from_utf8(&bytes).is_err());
    }

    #[test]
    fn slow_cases_are_run_less_often_but_run() {
        let slow = Case { is_slow: true, ..case(true) };
        assert_eq!([1, 7, 21, 22].map(|runs| slow.runs(runs)), [1, 1, 3, 4]);
        assert_eq!(case(true).runs(21), 21);
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

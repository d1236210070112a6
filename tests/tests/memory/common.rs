//! Files with secrets, and what another process has in its memory.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;

use bulla_core::{Document, Format, seal};
use bulla_testkit::{Sandbox, keys};
use bulla_tests::sealing::{NOW, keyring, recipe};

/// What every secret value has in it.
pub(crate) const SECRET: &str = "hunter2-correct-horse";

/// Values in every style: those with escapes, folds and line breaks are copied by parsers.
pub(crate) fn manifest() -> String {
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  plain: {SECRET}-1\n  double: \"{SECRET}-2\\t!\"\n  single: '{SECRET}-3 it''s'\n  literal: |\n    {SECRET}-4\n    more\n  folded: >\n    {SECRET}-5\n    more\n  # {SECRET}-6\n  flow: [{SECRET}-7, \"{SECRET}-8\"]\n"
    )
}

/// A sandbox with the manifest sealed in `db.enc.yaml`.
pub(crate) fn sealed() -> Sandbox {
    let sandbox = Sandbox::new();
    let rules = format!(
        "creation_rules:\n  - path_glob: '**/*.enc.yaml'\n    age: {}\n",
        keys::age_recipient()
    );
    sandbox.write(".sops-rules.yaml", rules);
    let sealed = seal(&manifest(), Format::Yaml, &recipe(), &keyring(), NOW).expect("it seals");
    sandbox.write("db.enc.yaml", sealed.text);
    sandbox
}

/// The data key of a sealed file.
pub(crate) fn data_key(sandbox: &Sandbox, file: &str) -> Vec<u8> {
    let text = sandbox.read_text(file);
    let document = Document::parse(&text, Format::Yaml).expect("a sealed file");
    let metadata = document.sealed_metadata().expect("a sealed file");
    keyring().unwrap(metadata).expect("we have the key").expose().to_vec()
}

/// The needles that are somewhere in what a process can write to.
pub(crate) fn found_in(pid: u32, needles: &[(&str, &[u8])]) -> io::Result<Vec<String>> {
    let memory = File::open(format!("/proc/{pid}/mem"))?;
    let maps = fs::read_to_string(format!("/proc/{pid}/maps"))?;
    let mut found = Vec::new();
    for line in maps.lines() {
        let mut fields = line.split_whitespace();
        let (Some(range), Some(rights)) = (fields.next(), fields.next()) else { continue };
        let Some((start, end)) = range.split_once('-') else { continue };
        let address = |text| u64::from_str_radix(text, 16).expect("an address");
        let (start, end) = (address(start), address(end));
        if !rights.starts_with("rw") || start > i64::MAX as u64 {
            continue;
        }
        let mut bytes = vec![0; (end - start) as usize];
        // A mapping may have holes that cannot be read.
        let Ok(read) = memory.read_at(&mut bytes, start) else { continue };
        for (name, needle) in needles {
            if bytes[..read].windows(needle.len()).any(|window| window == *needle) {
                found.push(format!("{name} in {}", fields.next_back().unwrap_or("memory")));
            }
        }
    }
    Ok(found)
}

//! Finds plaintext secrets before they are committed.
//!
//! A scanner for token shapes sees nothing in a validator's key file or in a
//! Secret whose password is a word. [`judge`] looks at the structure instead: it
//! parses, decodes, knows what a sealed file is, and proves what can be proved.
//!
//! ```
//! use bulla_guard::{Confidence, Rule, judge};
//!
//! let manifest = b"apiVersion: v1\nkind: Secret\nstringData:\n  password: hunter2\n";
//! let findings = judge("secret.yaml", manifest);
//! assert_eq!(findings[0].rule, Rule::ReadableSecret);
//! assert_eq!(findings[0].line, 4);
//! assert_eq!(findings[0].key_path, r#"["stringData"]["password"]"#);
//! ```
//!
//! [`check_staged`] judges what git is about to commit, [`check_pushed`] what it is about
//! to push, [`check_history`] all that it has, [`check_paths`] files and folders;
//! [`install_hooks`] makes git ask before each commit.
//!
//! The crate depends on `bulla-core` and never on keys: it cannot decrypt, needs no
//! key and no network, and a finding never holds a value or a part of one.

#![forbid(unsafe_code)]

mod address;
mod advice;
mod allow;
mod around;
mod bare;
mod baseline;
mod budget;
mod credential;
mod der_key;
mod ed25519;
mod encoded;
mod error;
mod files;
mod finding;
mod found;
mod git;
mod governing;
mod hook;
mod judge;
mod key_files;
mod known;
mod lines;
mod logins;
mod mark;
mod markers;
mod message;
mod mnemonic;
mod name;
mod near;
mod nearby;
mod neighbours;
mod placeholder;
mod printable;
mod report;
mod sealed;
mod secret;
mod shape;
mod text;
mod tokens;
mod tree;
mod unwrapped;
mod web_token;
mod words;

pub use allow::{AllowSource, Allowance};
pub use around::{Alone, Around};
pub use baseline::{Baseline, BaselineError, FILE_NAME as BASELINE_FILE};
pub use error::GuardError;
pub use files::{check_paths, check_stream};
pub use finding::{Confidence, Finding, Rule};
pub use git::{
    Progress, check_history, check_outgoing, check_pushed, check_range, check_received,
    check_staged,
};
pub use governing::{Memo, check_allows};
pub use hook::{
    Hook, Installed, Manager, Outcome, Trial, install_hooks, try_hooks, uninstall_hooks,
};
pub use judge::{Judgement, STRUCTURE_LIMIT, judge, judge_in};
pub use message::check_message;
pub use report::{Allowed, FileFinding, Format, Idle, Report, Unread, Wanted, sarif_location};

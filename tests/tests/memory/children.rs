//! What the programs get that are started on the way.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use bulla_core::SECRET_VARIABLES;
use bulla_testkit::{Sandbox, keys};

use crate::common::{SECRET, sealed};

/// What every variable with a secret has in it.
const CREDENTIAL: &str = "a-credential-of-somebody";

/// Puts programs in front of all others that write down what they are given, and then do
/// what the real ones do.
fn spy(sandbox: &Sandbox, programs: &[&str]) -> String {
    let seen = sandbox.path("../seen").display().to_string();
    for program in programs {
        let script = format!(
            "#!/bin/sh\n{{ printf '%s\\n' {program} \"$@\"; env; }} >> {seen}\nPATH=${{PATH#*:}} exec {program} \"$@\"\n"
        );
        let path = sandbox.write(format!("../spies/{program}"), script);
        fs::set_permissions(path, Permissions::from_mode(0o755)).expect("it is ours");
    }
    let path = std::env::var("PATH").expect("there is a PATH");
    format!("{}:{path}", sandbox.path("../spies").canonicalize().expect("it is there").display())
}

#[test]
fn git_gpg_and_the_editor_get_no_key_no_credential_and_no_plaintext() {
    let sandbox = sealed();
    sandbox.git(&["init", "--quiet"]);
    sandbox.git(&["add", "."]);
    let path = spy(&sandbox, &["git", "gpg", "true"]);
    // A recipient whom nobody here can be.
    let text = sandbox.read_text("db.enc.yaml");
    let pgp = "    pgp:\n        - created_at: \"2026-11-20T10:56:18Z\"\n          enc: |-\n            -----BEGIN PGP MESSAGE-----\n\n            wV4D\n            -----END PGP MESSAGE-----\n          fp: 85D77543B3D624B63CEA9E6DBC17301B491B3F21\n    lastmodified:";
    sandbox.write("pgp.enc.yaml", text.replacen("    lastmodified:", pgp, 1));
    let lines: [&[&str]; 6] = [
        &["decrypt", "--output", "db.enc.yaml", "db.enc.yaml"],
        &["decrypt", "--decryption-order", "pgp,age", "pgp.enc.yaml"],
        &["rules", "check"],
        &["edit", "db.enc.yaml"],
        &["guard", "--staged"],
        &["lint", "db.enc.yaml"],
    ];
    for args in lines {
        let mut command = sandbox.bulla();
        command.args(args).env("PATH", &path).env("EDITOR", "true");
        command.env("XDG_RUNTIME_DIR", sandbox.tmp());
        for name in SECRET_VARIABLES {
            command.env(name, CREDENTIAL);
        }
        command.env("SOPS_AGE_KEY", keys::age_identity());
        sandbox.run(&mut command);
    }
    let seen = sandbox.read_text("../seen");
    for program in ["git\n", "gpg\n", "true\n"] {
        assert!(seen.contains(program), "{program:?} was not started: {seen}");
    }
    for secret in [CREDENTIAL, SECRET, keys::age_identity()] {
        assert!(!seen.contains(secret), "{}", seen.replace(secret, "HERE IT IS"));
    }
}

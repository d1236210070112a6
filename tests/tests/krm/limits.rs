//! How much is read, and how many files are opened at a time.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use bulla_core::{KeyError, KeyService, Keyring, MasterKey, WrappedKey};
use bulla_keys::age::Age;
use bulla_keys::{AgeVariables, Environment};
use bulla_testkit::{Sandbox, keys};
use secrecy::SecretSlice;

use crate::{PASSWORD, build, config, each_kustomize, failed_in_silence, sealed, secret};

/// How many files are opened at a time, at least.
const TOGETHER: usize = 4;

/// Opens nothing before so many have asked.
struct Company {
    age: Age,
    asked: Mutex<usize>,
    more: Condvar,
}

impl KeyService for Company {
    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        *asked += 1;
        // The first goes ahead: it may show that nobody has the key.
        if *asked == 1 {
            drop(asked);
            return self.age.unwrap(wrapped);
        }
        self.more.notify_all();
        // Whoever is alone for so long stays alone.
        let waited = self
            .more
            .wait_timeout_while(asked, Duration::from_secs(60), |asked| *asked <= TOGETHER);
        let (asked, alone) = waited.unwrap_or_else(PoisonError::into_inner);
        drop(asked);
        if alone.timed_out() {
            return Err(KeyError::new("nobody else has asked"));
        }
        self.age.unwrap(wrapped)
    }

    fn wrap(
        &self,
        key: &MasterKey,
        secret: &SecretSlice<u8>,
    ) -> Result<Option<WrappedKey>, KeyError> {
        self.age.wrap(key, secret)
    }

    fn tried(&self, key: &MasterKey) -> Vec<String> {
        self.age.tried(key)
    }
}

fn age() -> Age {
    let key = Some(keys::age_identity().into());
    let age = AgeVariables { key, ..AgeVariables::default() };
    Age::new(Environment { age, ..Environment::default() })
}

#[test]
fn files_are_opened_at_the_same_time_and_come_out_in_their_order() {
    let sandbox = Sandbox::new();
    let names: Vec<_> = (0..3 * TOGETHER).map(|number| format!("s{number}")).collect();
    for name in &names {
        sandbox.write(format!("{name}.yaml"), sealed(&secret(name)));
    }
    let files: Vec<_> = names.iter().map(|name| format!("{name}.yaml")).collect();
    let config = config(&format!("files: [{}]\n", files.join(", ")));
    let config = config.replace('\n', "\n  ");
    let input = format!(
        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nfunctionConfig:\n  {config}\n"
    );
    let company = Company { age: age(), asked: Mutex::new(0), more: Condvar::new() };
    let output = bulla_krm::run(&input, &sandbox.work(), &Keyring::new().with(company));
    let output = output.unwrap_or_else(|error| panic!("{error}"));
    let found: Vec<_> =
        names.iter().map(|name| output.text.find(&format!("{{\"name\":\"{name}\"}}"))).collect();
    assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{found:?}");
}

#[test]
fn a_file_that_is_too_large_is_refused_unless_that_is_raised() {
    for (version, kustomize) in each_kustomize() {
        let sandbox = Sandbox::new();
        sandbox.write("app/kustomization.yaml", "generators: [open.yaml]\n");
        let long = format!("{}  more: {}\n", secret("a"), "x".repeat(900_000));
        sandbox.write("app/a.enc.yaml", sealed(&long));
        for (raised, opens) in [("maxFileMiB: 1\n", false), ("maxFileMiB: 2\n", true), ("", true)] {
            sandbox.write("app/open.yaml", config(&format!("files: [a.enc.yaml]\n{raised}")));
            let run = sandbox.run(&mut build(&sandbox, &kustomize, "app"));
            if opens {
                assert!(run.ok().out().contains(PASSWORD), "{version}");
            } else {
                let run = failed_in_silence(run, &[PASSWORD]);
                assert!(run.err().contains("a.enc.yaml: "), "{version}: {}", run.err());
                assert!(run.err().contains("larger than 1 MiB"), "{version}: {}", run.err());
                assert!(run.err().contains("raise maxFileMiB"), "{version}: {}", run.err());
            }
        }
    }
    // What nobody has raised.
    let sandbox = Sandbox::new();
    let (_, kustomize) = each_kustomize().into_iter().next().expect("a kustomize");
    sandbox.write("app/kustomization.yaml", "generators: [open.yaml]\n");
    sandbox.write("app/open.yaml", config("files: [a.enc.yaml]\n"));
    sandbox
        .write("app/a.enc.yaml", format!("{}# {}\n", sealed(&secret("a")), "x".repeat(17 << 20)));
    let run = failed_in_silence(sandbox.run(&mut build(&sandbox, &kustomize, "app")), &[PASSWORD]);
    assert!(run.err().contains("16 MiB"), "{}", run.err());
}

use bulla_core::{Format, Keyring, Recipe, open, seal};

use super::*;
use crate::environment::AgeVariables;

fn with(age: AgeVariables) -> Age {
    Age::new(Environment { age, ..Environment::default() })
}

fn service(key: &AgeKey) -> Age {
    with(AgeVariables { key: Some(key.identity.clone()), ..AgeVariables::default() })
}

fn master_key(key: &AgeKey) -> MasterKey {
    MasterKey::Age { recipient: key.recipient.clone() }
}

fn wrapped_for(key: &AgeKey) -> WrappedKey {
    let secret = SecretSlice::from(vec![7; 32]);
    service(key).wrap(&master_key(key), &secret).unwrap().unwrap()
}

#[test]
fn what_is_wrapped_is_unwrapped_by_its_identity_alone() {
    let (key, other) = (generate(), generate());
    let wrapped = wrapped_for(&key);
    assert!(wrapped.enc.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"));
    let secret = service(&key).unwrap(&wrapped).unwrap().unwrap();
    assert_eq!(secret.expose_secret(), [7; 32]);

    let stranger = service(&other);
    assert!(stranger.unwrap(&wrapped).unwrap().is_none());
    let tried = stranger.tried(&wrapped.key);
    assert_eq!(tried, ["SOPS_AGE_KEY: 1 identity, which does not fit"]);
}

#[test]
fn blank_lines_before_the_armor_are_accepted_and_damage_is_not() {
    let key = generate();
    let mut wrapped = wrapped_for(&key);
    wrapped.enc.insert_str(0, "\n \n");
    assert!(service(&key).unwrap(&wrapped).unwrap().is_some());
    wrapped.enc.truncate(wrapped.enc.len() / 2);
    let error = service(&key).unwrap(&wrapped).err().unwrap();
    assert_eq!(error.reason, "its wrapped data key is damaged");
}

#[test]
fn a_line_that_is_no_identity_is_named_and_skipped() {
    let (key, other) = (generate(), generate());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("keys.txt");
    let write = |identity: &SecretString| {
        let text = format!("# mine\nnonsense\n\n{}\n", identity.expose_secret());
        std::fs::write(&file, text).unwrap();
        with(AgeVariables { key_file: Some(file.clone()), ..AgeVariables::default() })
    };
    assert!(write(&key.identity).unwrap(&wrapped_for(&key)).unwrap().is_some());

    let stranger = write(&other.identity);
    assert!(stranger.unwrap(&wrapped_for(&key)).unwrap().is_none());
    let tried = stranger.tried(&master_key(&key)).join("; ");
    let expected = "1 identity, which does not fit, line 2 is not an age identity and was skipped";
    assert!(tried.ends_with(expected), "{tried}");
}

#[cfg(unix)]
#[test]
fn the_command_runs_only_when_nothing_else_opens() {
    let (key, other) = (generate(), generate());
    let dir = tempfile::tempdir().unwrap();
    let (file, log) = (dir.path().join("key"), dir.path().join("log"));
    std::fs::write(&file, key.identity.expose_secret()).unwrap();
    let script = format!("echo $SOPS_AGE_RECIPIENT > {}; cat {}", log.display(), file.display());
    let command = format!("sh -c '{script}'");
    let holding = |key: &SecretString| {
        let (key, key_cmd) = (Some(key.clone()), Some(command.clone()));
        with(AgeVariables { key, key_cmd, ..AgeVariables::default() })
    };
    assert!(holding(&key.identity).unwrap(&wrapped_for(&key)).unwrap().is_some());
    assert!(!log.exists());
    assert!(holding(&other.identity).unwrap(&wrapped_for(&key)).unwrap().is_some());
    assert_eq!(std::fs::read_to_string(&log).unwrap().trim(), key.recipient);
}

#[cfg(unix)]
#[test]
fn a_key_at_hand_spares_the_trouble_for_the_others() {
    let (mine, other) = (generate(), generate());
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let keyring = Keyring::new().with(with(AgeVariables {
        key: Some(mine.identity.clone()),
        key_cmd: Some(format!("touch {}", log.display())),
        ..AgeVariables::default()
    }));
    let groups = vec![vec![master_key(&other), master_key(&mine)]];
    let recipe = Recipe { groups, ..Recipe::default() };
    let sealed = seal("a: b\n", Format::Yaml, &recipe, &keyring, "2026-11-20T10:56:18Z").unwrap();
    assert_eq!(*open(&sealed.text, Format::Yaml, &keyring, false).unwrap().text, "a: b\n");
    assert!(!log.exists());
}

#[test]
fn what_cannot_be_sealed_for_says_why() {
    let secret = SecretSlice::from(vec![7; 32]);
    let reason = |recipient: &str| {
        let key = MasterKey::Age { recipient: recipient.into() };
        Age::new(Environment::default()).wrap(&key, &secret).unwrap_err().reason
    };
    assert_eq!(reason("nobody"), "this is not an age recipient");
    #[cfg(feature = "ssh")]
    assert_eq!(reason("ssh-ed25519 AAAA"), "this is not a public SSH key");
    #[cfg(not(feature = "ssh"))]
    assert_eq!(reason("ssh-ed25519 AAAA"), "this build of bulla leaves out SSH keys");
    let mut typo = generate().recipient;
    typo.pop();
    assert_eq!(reason(&typo), "this is not an age recipient");
    assert!(reason(generate().identity.expose_secret()).starts_with("this is an identity"));
}

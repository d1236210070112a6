//! bulla asks.

use bulla_testkit::{Sandbox, keys, peers};

use crate::service::{MANIFEST, Service, repository, run};

#[test]
fn a_service_of_sops_seals_and_opens_for_us() {
    for (version, sops) in peers::all_sops() {
        let sandbox = repository();
        for service in [Service::sops(&sandbox, &sops), Service::sops_tcp(&sandbox, &sops)] {
            let alone =
                ["--enable-local-keyservice=false", "--keyservice", service.address.as_str()];
            let sealed =
                run(&sandbox, sandbox.bulla(), &[&["encrypt", "plain.yaml"], &alone[..]].concat())
                    .ok();
            sandbox.write("sealed.yaml", &sealed.stdout);
            let opened =
                run(&sandbox, sandbox.bulla(), &[&["decrypt", "sealed.yaml"], &alone[..]].concat())
                    .ok();
            assert_eq!(opened.out(), MANIFEST, "sops {version}, {}", service.address);
        }
    }
}

#[test]
fn the_environment_names_services_and_flags_take_their_place() {
    let sandbox = repository();
    let service = Service::bulla(&sandbox, &["--address", "s"]);
    let sealed = run(&sandbox, sandbox.bulla(), &["encrypt", "plain.yaml"]).ok();
    sandbox.write("sealed.yaml", &sealed.stdout);
    run(&sandbox, sandbox.bulla(), &["decrypt", "sealed.yaml"]).exits(128);
    let nobody = "unix:///nonexistent/s";
    for (named, code) in [
        (service.address.clone(), 0),
        (format!("{nobody}, {}", service.address), 0),
        (nobody.to_owned(), 128),
    ] {
        let mut command = sandbox.bulla();
        command.env("SOPS_KEYSERVICE", &named);
        run(&sandbox, command, &["decrypt", "sealed.yaml"]).exits(code);
    }
    let mut command = sandbox.bulla();
    command.env("SOPS_KEYSERVICE", nobody);
    run(&sandbox, command, &["decrypt", "sealed.yaml", "--keyservice", &service.address]).ok();

    let mut command = sandbox.bulla_krm();
    command.env("SOPS_KEYSERVICE", &service.address);
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nfunctionConfig: {apiVersion: bulla/v1, kind: SealedFiles, metadata: {name: a}, files: [sealed.yaml]}\n";
    let built = sandbox.run_with(&mut command, list).ok();
    assert!(built.out().contains("hunter2-correct-horse"));
}

#[test]
fn the_keys_of_this_machine_come_first_and_can_be_left_out() {
    let sandbox = repository();
    let mut service = Service::bulla(&sandbox, &["--address", "s", "--verbose"]);
    let sealed = run(&sandbox, sandbox.bulla(), &["encrypt", "plain.yaml"]).ok();
    sandbox.write("sealed.yaml", &sealed.stdout);
    let decrypt = |with: &[&str]| {
        let mut command = sandbox.bulla();
        command.env("SOPS_AGE_KEY", keys::age_identity());
        command.args(["--keyservice", &service.address]).args(with);
        run(&sandbox, command, &["decrypt", "sealed.yaml"]).ok()
    };
    decrypt(&[]);
    decrypt(&["--enable-local-keyservice"]);
    decrypt(&["--enable-local-keyservice=false"]);
    let mut command = sandbox.bulla();
    command.env("SOPS_AGE_KEY", keys::age_identity());
    command.env("SOPS_ENABLE_LOCAL_KEYSERVICE", "false");
    run(&sandbox, command, &["--keyservice", &service.address, "decrypt", "sealed.yaml"]).ok();
    service.end();
    let mut asked = 0;
    while let Some(line) = service.line() {
        assert!(
            line.contains("wants to open a data key with age age1") && line.ends_with(": done")
        );
        asked += 1;
    }
    assert_eq!(asked, 2);
}

#[test]
fn a_service_that_is_not_there_is_said_and_nothing_is_written() {
    let sandbox = repository();
    let sealed = run(&sandbox, sandbox.bulla(), &["encrypt", "plain.yaml"]).ok();
    sandbox.write("sealed.yaml", &sealed.stdout);
    let before = sandbox.read("sealed.yaml");
    let address = "unix:///nonexistent/s";
    for way in [&[][..], &["--output", "out.yaml"], &["--in-place"]] {
        let args = [&["decrypt", "sealed.yaml", "--keyservice", address], way].concat();
        let run = run(&sandbox, sandbox.bulla(), &args).exits(128);
        assert!(run.stdout.is_empty() && !sandbox.path("out.yaml").exists());
        assert_eq!(sandbox.read("sealed.yaml"), before);
        let expected = "
            key service unix:///nonexistent/s
  failed    key service unix:///nonexistent/s cannot be reached: no such file or directory
  do        check that it runs, and its address
";
        assert!(run.err().contains(expected), "{}", run.err());
    }
    let args =
        ["encrypt", "plain.yaml", "--enable-local-keyservice=false", "--keyservice", address];
    let run = run(&sandbox, sandbox.bulla(), &args).exits(1);
    assert!(run.stdout.is_empty());
    assert!(run.err().contains("cannot be reached: no such file or directory; check that it runs"));
}

#[test]
fn what_means_nothing_is_refused_with_the_code_of_sops() {
    let sandbox = repository();
    let said = |code, args: &[&str]| {
        run(&sandbox, sandbox.bulla(), &[&["encrypt", "plain.yaml"], args].concat())
            .exits(code)
            .err()
            .to_owned()
    };
    assert_eq!(
        said(112, &["--decryption-order", "pgp,age,pgp"]),
        "bulla: the decryption order: the kind pgp is named twice; remove one\n"
    );
    assert!(said(1, &["--decryption-order", "age,azure"]).contains("`azure` is not a kind of key"));
    assert!(said(1, &["--keyservice", "http://x:1"]).contains("`http://x:1` is not an address"));
    assert!(said(1, &["--enable-local-keyservice=false"]).contains("no other is named"));
    assert!(said(1, &["--enable-local-keyservice=no"]).contains("neither true nor false"));
    said(1, &["--jobs", "0"]);
    said(1, &["--timeout", "0"]);
    for (version, sops) in peers::all_sops() {
        let mut command = sandbox.command(&sops);
        command.env("SOPS_AGE_KEY", keys::age_identity());
        let sealed = run(&sandbox, sandbox.bulla(), &["encrypt", "plain.yaml"]).ok();
        sandbox.write("sealed.yaml", &sealed.stdout);
        let args = ["decrypt", "--decryption-order", "age,age", "sealed.yaml"];
        let theirs = run(&sandbox, command, &args);
        assert_eq!(theirs.code, 112, "sops {version}");
    }
}

#[test]
fn groups_are_opened_by_whoever_has_their_keys() {
    let sandbox = Sandbox::new();
    let (here, there) = (keys::age_recipient(), keys::age_other_recipient());
    let rules = format!(
        "creation_rules:\n  - encrypted_regex: ^stringData$\n    shamir_threshold: 2\n    key_groups: [{{age: [{here}]}}, {{age: [{there}]}}]\n"
    );
    sandbox.write(".sops.yaml", rules);
    sandbox.write("plain.yaml", MANIFEST);
    let mut command = sandbox.bulla();
    command.env("SOPS_AGE_KEY", keys::age_other_identity());
    let service = Service::of_bulla(command, &["--address", "s"]);
    let decrypt = |args: &[&str]| {
        let mut command = sandbox.bulla();
        command.env("SOPS_AGE_KEY", keys::age_identity());
        run(&sandbox, command, &[&["decrypt", "sealed.yaml"], args].concat())
    };
    for (version, sops) in peers::all_sops() {
        let sealed = run(&sandbox, sandbox.command(&sops), &["encrypt", "plain.yaml"]).ok();
        sandbox.write("sealed.yaml", &sealed.stdout);
        let opened = decrypt(&["--keyservice", &service.address]).ok();
        assert_eq!(opened.out(), MANIFEST, "sops {version}");
        decrypt(&[]).exits(128);
    }
}

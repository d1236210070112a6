//! bulla is asked.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::thread;

use bulla_testkit::{Terminal, keys, peers};

use crate::service::{MANIFEST, Service, repository, run};

#[test]
fn sops_seals_and_opens_through_us() {
    let sandbox = repository();
    let unix = Service::bulla(&sandbox, &["--address", sandbox.path("s").to_str().unwrap()]);
    let tcp = Service::bulla(&sandbox, &["--network", "tcp", "--address", "127.0.0.1:0"]);
    for (version, sops) in peers::all_sops() {
        for service in [&unix, &tcp] {
            let alone = ["--enable-local-keyservice=false", "--keyservice", &service.address];
            let sealed = [&["encrypt"], &alone[..], &["plain.yaml"]].concat();
            let sealed = run(&sandbox, sandbox.command(&sops), &sealed).ok();
            sandbox.write("sealed.yaml", &sealed.stdout);
            let opened = [&["decrypt"], &alone[..], &["sealed.yaml"]].concat();
            let opened = run(&sandbox, sandbox.command(&sops), &opened).ok();
            assert_eq!(opened.out(), MANIFEST, "sops {version}, {}", service.address);
        }
    }
}

#[test]
fn sops_is_told_why_a_key_was_not_opened() {
    let sandbox = repository();
    let mut command = sandbox.bulla();
    command.env("SOPS_AGE_KEY", keys::age_other_identity());
    let service = Service::of_bulla(command, &["--address", sandbox.path("s").to_str().unwrap()]);
    let sealed = run(&sandbox, sandbox.bulla(), &["encrypt", "plain.yaml"]).ok();
    sandbox.write("sealed.yaml", &sealed.stdout);
    for (version, sops) in peers::all_sops() {
        let args = ["decrypt", "--keyservice", &service.address, "sealed.yaml"];
        let told = run(&sandbox, sandbox.command(&sops), &args).exits(128);
        let said = told.err().replace("\n", " ");
        let words: Vec<&str> = said.split(['|', ' ']).filter(|word| !word.is_empty()).collect();
        let said = words.join(" ");
        assert!(said.contains("the key service has no key that opens it"), "{version}: {said}");
    }
}

#[test]
fn a_socket_is_for_its_owner_and_goes_when_the_service_ends() {
    let sandbox = repository();
    let mut service = Service::bulla(&sandbox, &["--address", "s"]);
    assert_eq!(service.address, "unix://s");
    let mode = fs::metadata(sandbox.path("s")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let second = run(&sandbox, sandbox.bulla(), &["keyservice", "--address", "s"]).exits(1);
    assert_eq!(second.err(), "bulla: s: cannot listen there: somebody is listening there\n");
    assert_eq!(service.end(), Some(0));
    assert!(!sandbox.path("s").exists());
    assert_eq!(fs::read_dir(sandbox.work()).unwrap().count(), 2, "nothing is left behind");

    let other = run(&sandbox, sandbox.bulla(), &["keyservice", "--address", "plain.yaml"]).exits(1);
    assert_eq!(other.err(), "bulla: plain.yaml: cannot listen there: something else is there\n");
    assert_eq!(sandbox.read_text("plain.yaml"), MANIFEST);
}

#[test]
fn the_socket_has_its_place_in_the_users_own_directory() {
    let sandbox = repository();
    run(&sandbox, sandbox.bulla(), &["keyservice"]).exits(1);
    let mut command = sandbox.bulla();
    command.env("XDG_RUNTIME_DIR", sandbox.root());
    let service = Service::of_bulla(command, &[]);
    let expected = sandbox.root().join("bulla-keyservice.sock");
    assert_eq!(service.address, format!("unix://{}", expected.display()));
    assert!(expected.exists());
}

#[test]
fn a_port_comes_with_a_warning() {
    let sandbox = repository();
    let mut command = sandbox.bulla();
    command.args(["keyservice", "--network", "tcp", "--address", "127.0.0.1:99999"]);
    run(&sandbox, command, &[]).exits(1);
    for (address, who) in [
        ("127.0.0.1:0", "every user and program of this machine"),
        ("0.0.0.0:0", "whoever reaches this machine"),
    ] {
        let args = ["keyservice", "--network", "tcp", "--address", address];
        let mut program = sandbox.bulla();
        program.args(args);
        let mut service = Service::of_warned(program);
        let warning = service.line().unwrap();
        assert!(warning.starts_with(&format!("bulla: warning: {who} can use all")), "{warning}");
    }
}

#[test]
fn somebody_at_a_terminal_decides() {
    let sandbox = repository();
    let sealed = run(&sandbox, sandbox.bulla(), &["encrypt", "plain.yaml"]).ok();
    sandbox.write("sealed.yaml", &sealed.stdout);
    let mut command = sandbox.bulla();
    command.args(["keyservice", "--address", "s", "--prompt", "--verbose"]);
    command.env("SOPS_AGE_KEY", keys::age_identity());
    let mut terminal = Terminal::start(command);
    terminal.expect("SOPS_KEYSERVICE=unix://s");
    let question = format!("open a data key with age {}; answer? (y/n) ", keys::age_recipient());
    let decrypt = || {
        let args = ["decrypt", "sealed.yaml", "--keyservice", "unix://s", "--timeout", "60"];
        run(&sandbox, sandbox.bulla(), &args)
    };
    thread::scope(|scope| {
        let allowed = scope.spawn(decrypt);
        terminal.expect(&question).type_line("what?").expect(&question).type_line("y");
        assert_eq!(allowed.join().unwrap().ok().out(), MANIFEST);
        let refused = scope.spawn(decrypt);
        terminal.expect(&question).type_line("n").expect("the request was rejected");
        let refused = refused.join().unwrap().exits(128);
        assert!(refused.stdout.is_empty());
        assert!(refused.err().contains("unix://s: the request was rejected"), "{}", refused.err());
    });
    terminal.press_control('c');
    let (code, _) = terminal.ends();
    assert_eq!(code, 0);
    assert!(!sandbox.path("s").exists());
}

#[test]
fn without_a_terminal_nobody_can_be_asked() {
    let sandbox = repository();
    let mut command = sandbox.command("setsid");
    command.args(["--wait"]).arg(bulla_testkit::binary("bulla"));
    let refused = run(&sandbox, command, &["keyservice", "--address", "s", "--prompt"]).exits(8);
    assert!(refused.err().contains("needs a terminal"), "{}", refused.err());
    assert!(!sandbox.path("s").exists());
}

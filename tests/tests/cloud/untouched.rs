//! A file that age opens has nothing to do with any of this.

use bulla_testkit::servers::Listener;
use bulla_testkit::{Run, Sandbox, keys, peers};

use crate::common::{PLAIN, bulla, sandbox};

/// Everything that would be read, started or asked, set up to be seen or to break.
fn traps<'a>(listener: &'a str, folder: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("HTTPS_PROXY", listener),
        ("HTTP_PROXY", listener),
        ("ALL_PROXY", listener),
        ("SSL_CERT_FILE", folder),
        ("AWS_CONFIG_FILE", folder),
        ("AWS_SHARED_CREDENTIALS_FILE", folder),
        ("AWS_CA_BUNDLE", folder),
        ("AWS_PROFILE", "nobody"),
        ("AWS_ENDPOINT_URL", listener),
        ("GOOGLE_APPLICATION_CREDENTIALS", folder),
        ("GOOGLE_CREDENTIALS", folder),
        ("SOPS_GCP_KMS_ENDPOINT", listener),
        ("AZURE_FEDERATED_TOKEN_FILE", folder),
        ("IDENTITY_ENDPOINT", listener),
        ("VAULT_ADDR", listener),
        ("VAULT_CACERT", folder),
        ("VAULT_JWT_FILE", folder),
    ]
}

fn open_with_age(sandbox: &Sandbox, variables: &[(&str, &str)]) {
    let recipient = keys::age_recipient();
    let with_key = [variables, &[("SOPS_AGE_KEY", keys::age_identity())]].concat();
    let sealed = bulla(sandbox, &with_key, &["encrypt", "--age", recipient, "plain.yaml"]).ok();
    sandbox.write("s.yaml", &sealed.stdout);
    assert_eq!(bulla(sandbox, &with_key, &["decrypt", "s.yaml"]).ok().out(), PLAIN);
}

#[test]
fn a_file_for_age_alone_asks_nobody_and_needs_none_of_their_files() {
    let sandbox = sandbox();
    let listener = Listener::silent();
    let folder = sandbox.root().join("a folder where a file should be");
    std::fs::create_dir(&folder).unwrap();
    for name in [".aws", ".azure", ".config/gcloud", ".vault-token"] {
        // A file where they look for a folder, and the reverse: reading it fails.
        let path = sandbox.home().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        match name {
            ".vault-token" => std::fs::create_dir(path).unwrap(),
            _ => std::fs::write(path, "not a folder").unwrap(),
        }
    }
    let address = listener.address();
    open_with_age(&sandbox, &traps(&address, folder.to_str().unwrap()));
    assert_eq!(listener.received(), "");
}

/// Whoever opens a pipe that nobody writes to waits for ever.
#[cfg(unix)]
#[test]
fn a_file_for_age_alone_reads_no_file_of_theirs() {
    let sandbox = sandbox();
    let files = [
        ".aws/config",
        ".aws/credentials",
        ".azure/azureProfile.json",
        ".vault-token",
        ".config/gcloud/application_default_credentials.json",
    ];
    for file in files {
        let path = sandbox.home().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        sandbox.run(sandbox.command("mkfifo").arg(&path)).ok();
    }
    let within = |args: &[&str]| {
        let program = bulla_testkit::binary("bulla");
        let mut command = sandbox.command("timeout");
        command.arg("30").arg(program).args(args).env("SOPS_AGE_KEY", keys::age_identity());
        sandbox.run(&mut command)
    };
    let sealed = within(&["encrypt", "--age", keys::age_recipient(), "plain.yaml"]).ok();
    sandbox.write("s.yaml", &sealed.stdout);
    assert_eq!(within(&["decrypt", "s.yaml"]).ok().out(), PLAIN);
}

/// What bulla asks the kernel for, a line each, and what came of it all.
#[cfg(target_os = "linux")]
#[track_caller]
fn traced(sandbox: &Sandbox, variables: &[(&str, &str)], args: &[&str]) -> (Run, String) {
    let trace = sandbox.root().join("trace");
    let mut command = sandbox.command(peers::system("strace"));
    // With the threads and programs that it starts, and long paths in full.
    command.args(["--follow-forks", "--string-limit=512", "--output"]).arg(&trace);
    command.arg(bulla_testkit::binary("bulla")).args(args).envs(variables.iter().copied());
    let run = sandbox.run(&mut command);
    let calls = std::fs::read_to_string(&trace).expect("strace wrote what it saw");
    assert!(calls.contains("execve(") && calls.contains("+++ exited with "), "{calls}");
    (run, calls)
}

/// The calls of a trace that would show one of the services at work.
#[cfg(target_os = "linux")]
fn of_services(calls: &str) -> Vec<&str> {
    // A runtime, a thread or a program; a connection; what they wait with.
    let starts = ["clone", "fork", "vfork", "socket", "connect", "epoll", "eventfd", "io_uring"];
    // Their files, those of TLS, and those of looking up a name.
    let files = [
        ".aws",
        ".azure",
        "gcloud",
        ".vault-token",
        "service-account",
        "serviceaccount",
        "a folder where",
        "/ssl/",
        "/pki/",
        "resolv.conf",
        "nsswitch.conf",
        "/etc/hosts",
    ];
    let is_theirs = |line: &&str| {
        // `PID call(...)`
        let call = line.split_once(' ').map_or("", |(_, call)| call.trim_start());
        starts.iter().any(|start| call.starts_with(start))
            || files.iter().any(|file| call.contains(file))
            || (call.starts_with("execve(") && !call.contains("bulla"))
    };
    calls.lines().filter(is_theirs).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_for_age_alone_starts_no_thread_opens_no_connection_and_looks_for_no_file_of_theirs() {
    let sandbox = sandbox();
    let listener = Listener::silent();
    let folder = sandbox.root().join("a folder where a file should be");
    std::fs::create_dir(&folder).unwrap();
    let address = listener.address();
    let mut variables = traps(&address, folder.to_str().unwrap());
    variables.push(("SOPS_AGE_KEY", keys::age_identity()));

    let seal = ["encrypt", "--age", keys::age_recipient(), "plain.yaml"];
    let (sealed, calls) = traced(&sandbox, &variables, &seal);
    assert_eq!(of_services(&calls), Vec::<&str>::new());
    sandbox.write("s.yaml", &sealed.ok().stdout);
    let (opened, calls) = traced(&sandbox, &variables, &["decrypt", "s.yaml"]);
    assert_eq!(opened.ok().out(), PLAIN);
    assert_eq!(of_services(&calls), Vec::<&str>::new());

    // Whoever holds a key elsewhere is seen in this way.
    let url = format!("{address}/v1/transit/keys/k");
    let asks = ["encrypt", "--timeout", "1", "--hc-vault-transit", &url, "plain.yaml"];
    let (failed, calls) = traced(&sandbox, &[("VAULT_TOKEN", "t")], &asks);
    failed.fails();
    for call in ["clone", "socket(", "connect("] {
        assert!(of_services(&calls).iter().any(|line| line.contains(call)), "{call}");
    }
}

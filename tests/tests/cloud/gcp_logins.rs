//! How a token for Google Cloud is come by, by bulla and by the real sops in the same ways.

use bulla_testkit::servers::{Clouds, Logins};
use bulla_testkit::{Sandbox, peers};
use serde_json::json;

use crate::common::{PLAIN, Variables, bulla, fails, make_executable, run, sandbox};

const KEY: &str = "projects/test-project/locations/global/keyRings/ring/cryptoKeys/good";

/// Everything of Google leads to one server, through a proxy.
struct World {
    clouds: Clouds,
    sandbox: Sandbox,
}

impl World {
    fn new() -> Self {
        Self { clouds: Clouds::start(), sandbox: sandbox() }
    }

    fn way(&self) -> Vec<(String, String)> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        vec![
            pair("HTTPS_PROXY", &self.clouds.proxy()),
            pair("SSL_CERT_FILE", self.clouds.ca().to_str().unwrap()),
            pair("SOPS_GCP_KMS_CLIENT_TYPE", "rest"),
        ]
    }

    /// Seals and opens with these variables, and lets the real sops open it with the same.
    #[track_caller]
    fn works(&self, variables: Variables<'_>) {
        let way = self.way();
        let way = way.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let variables: Vec<_> = way.chain(variables.iter().copied()).collect();
        let sandbox = &self.sandbox;
        let sealed = bulla(sandbox, &variables, &["encrypt", "--gcp-kms", KEY, "plain.yaml"]);
        sandbox.write("s.yaml", &sealed.ok().stdout);
        assert_eq!(bulla(sandbox, &variables, &["decrypt", "s.yaml"]).ok().out(), PLAIN);
        let theirs = sandbox.command(peers::sops());
        let theirs = run(sandbox, theirs, &variables, &["decrypt", "s.yaml"]);
        assert_eq!(theirs.ok().out(), PLAIN);
    }

    #[track_caller]
    fn does_not(&self, variables: Variables<'_>, words: &[&str]) {
        let way = self.way();
        let way = way.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let variables: Vec<_> = way.chain(variables.iter().copied()).collect();
        let args = ["encrypt", "--gcp-kms", KEY, "--output", "new.yaml", "plain.yaml"];
        let never =
            [Clouds::GOOGLE_TOKEN, Clouds::GOOGLE_REFRESH, "BEGIN PRIVATE KEY", "a message"];
        fails(&self.sandbox, &variables, &args, words, &never);
    }

    /// Credentials as a file; its path.
    fn file(&self, credentials: &serde_json::Value) -> String {
        let path = self.sandbox.write("../credentials.json", credentials.to_string());
        path.to_str().unwrap().to_owned()
    }
}

/// What `gcloud auth application-default login` writes.
fn user(refresh: &str) -> serde_json::Value {
    json!({
        "type": "authorized_user",
        "client_id": "c",
        "client_secret": "s",
        "refresh_token": refresh,
    })
}

/// A workload elsewhere that is somebody at Google, too.
fn workload(source: &serde_json::Value) -> serde_json::Value {
    json!({
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": source,
    })
}

#[test]
fn a_service_account_signs_for_itself() {
    let world = World::new();
    let path = world.clouds.service_account();
    let text = std::fs::read_to_string(&path).unwrap();
    let path = path.to_str().unwrap();
    world.works(&[("GOOGLE_APPLICATION_CREDENTIALS", path)]);
    world.works(&[("GOOGLE_CREDENTIALS", path)]);
    world.works(&[("GOOGLE_CREDENTIALS", &text)]);
    // The key of another account.
    let stranger = std::fs::read_to_string(Clouds::start().service_account()).unwrap();
    world.does_not(&[("GOOGLE_CREDENTIALS", &stranger)], &["does not accept the credential"]);
}

#[test]
fn whoever_did_gcloud_auth_application_default_login() {
    let world = World::new();
    let file = world.file(&user(Clouds::GOOGLE_REFRESH));
    world.works(&[("GOOGLE_APPLICATION_CREDENTIALS", &file)]);
    // Where gcloud puts it.
    let known = world.sandbox.home().join(".config/gcloud/application_default_credentials.json");
    std::fs::create_dir_all(known.parent().unwrap()).unwrap();
    std::fs::copy(&file, &known).unwrap();
    world.works(&[]);
    std::fs::remove_file(&known).unwrap();
    let file = world.file(&user("of-yesterday"));
    let words = ["log in with gcloud auth application-default login"];
    world.does_not(&[("GOOGLE_APPLICATION_CREDENTIALS", &file)], &words);
}

#[test]
fn another_account_is_impersonated() {
    let world = World::new();
    let impersonated = |refresh| {
        json!({
            "type": "impersonated_service_account",
            "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/sealer@test-project.iam.gserviceaccount.com:generateAccessToken",
            "source_credentials": user(refresh),
            "delegates": [],
        })
    };
    let file = world.file(&impersonated(Clouds::GOOGLE_REFRESH));
    world.works(&[("GOOGLE_APPLICATION_CREDENTIALS", &file)]);
    assert!(world.clouds.log().contains(":generateAccessToken 200"));
    let file = world.file(&impersonated("of-yesterday"));
    world.does_not(&[("GOOGLE_APPLICATION_CREDENTIALS", &file)], &["Google Cloud"]);
}

#[test]
fn a_workload_elsewhere_shows_the_token_of_a_file_or_a_program() {
    let world = World::new();
    let subject = world.sandbox.write("../subject", Clouds::GOOGLE_SUBJECT);
    let file = world.file(&workload(&json!({"file": subject.to_str().unwrap()})));
    world.works(&[("GOOGLE_APPLICATION_CREDENTIALS", &file)]);
    world.sandbox.write("../subject", "another.b.c");
    world.does_not(&[("GOOGLE_APPLICATION_CREDENTIALS", &file)], &["Google Cloud"]);

    let answer = json!({
        "version": 1,
        "success": true,
        "token_type": "urn:ietf:params:oauth:token-type:jwt",
        "id_token": Clouds::GOOGLE_SUBJECT,
        "expiration_time": 4_102_444_800_u64,
    });
    let helper = world
        .sandbox
        .write("../helper", format!("#!/bin/sh\n: > \"$HOME/started\"\necho '{answer}'\n"));
    make_executable(&helper);
    let source =
        json!({"executable": {"command": helper.to_str().unwrap(), "timeout_millis": 5000}});
    let file = world.file(&workload(&source));
    let login = ("GOOGLE_APPLICATION_CREDENTIALS", file.as_str());
    // A program is started when the user says so, whatever his file of credentials says.
    world.does_not(&[login], &[]);
    assert!(!world.sandbox.home().join("started").exists());
    world.works(&[login, ("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1")]);
    assert!(world.sandbox.home().join("started").exists());
}

#[test]
fn a_machine_of_google_asks_its_metadata_server() {
    let world = World::new();
    let logins = Logins::handing_out(["", "", ""]);
    let host = logins.address().replace("http://", "");
    world.works(&[("GCE_METADATA_HOST", &host)]);
    let log = logins.log();
    assert!(log.contains("/instance/service-accounts/default/token"), "{log}");
    assert!(!world.clouds.log().contains("metadata"), "no proxy is asked about it");
    world.does_not(&[("GCE_METADATA_HOST", "127.0.0.1:1")], &["Google Cloud"]);
}

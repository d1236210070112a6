//! Google Cloud KMS: a server of our own, at which the real sops is pointed too.

use bulla_testkit::peers;
use bulla_testkit::servers::{Clouds, Listener};

use crate::common::{PLAIN, Variables, bulla, fails, goes_both_ways, sandbox};

fn key(name: &str) -> String {
    format!("projects/test-project/locations/global/keyRings/ring/cryptoKeys/{name}")
}

#[test]
fn keys_go_both_ways() {
    let clouds = Clouds::start();
    let (http, proxy, ca) = (clouds.http(), clouds.proxy(), clouds.ca());
    let token = ("GOOGLE_OAUTH_ACCESS_TOKEN", Clouds::GOOGLE_TOKEN);
    let ours =
        [token, ("SOPS_GCP_KMS_ENDPOINT", http.as_str()), ("SOPS_GCP_KMS_CLIENT_TYPE", "grpc")];
    let rest = ("SOPS_GCP_KMS_CLIENT_TYPE", "rest");
    // Before 3.13 sops knows no endpoint, but it takes a proxy.
    let theirs =
        [token, rest, ("HTTPS_PROXY", proxy.as_str()), ("SSL_CERT_FILE", ca.to_str().unwrap())];
    goes_both_ways(&peers::all_sops(), &["--gcp-kms", &key("good")], &ours, &theirs);
    // Over TLS, through a proxy, to the very address of Google.
    let same = [token, theirs[2], theirs[3]];
    goes_both_ways(&peers::all_sops()[..1], &["--gcp-kms", &key("good")], &same, &theirs);
    assert!(clouds.log().contains("PROXY CONNECT cloudkms.googleapis.com:443"));
    // What sops 3.13 has an endpoint for.
    let endpoint = [token, rest, ("SOPS_GCP_KMS_ENDPOINT", http.as_str())];
    goes_both_ways(&peers::all_sops()[..1], &["--gcp-kms", &key("good")], &endpoint, &endpoint);
}

#[test]
fn a_workload_logs_in_with_a_token_from_a_file() {
    let (clouds, sandbox) = (Clouds::start(), sandbox());
    let (http, home) = (clouds.http(), sandbox.home());
    let subject = sandbox.write("../subject-token", "a.b.c");
    let config = serde_json::json!({
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": format!("{http}/v1/token"),
        "credential_source": {"file": subject.to_str().unwrap()},
    })
    .to_string();
    let endpoint = ("SOPS_GCP_KMS_ENDPOINT", http.as_str());
    let file = home.join("credentials.json");
    std::fs::write(&file, &config).unwrap();
    let file = file.to_str().unwrap();
    for variable in [
        ("GOOGLE_CREDENTIALS", config.as_str()),
        ("GOOGLE_CREDENTIALS", file),
        ("GOOGLE_APPLICATION_CREDENTIALS", file),
    ] {
        let variables = [endpoint, variable];
        let sealed =
            bulla(&sandbox, &variables, &["encrypt", "--gcp-kms", &key("good"), "plain.yaml"]).ok();
        sandbox.write("s.yaml", &sealed.stdout);
        assert_eq!(bulla(&sandbox, &variables, &["decrypt", "s.yaml"]).ok().out(), PLAIN);
        std::fs::remove_file(sandbox.path("s.yaml")).unwrap();
    }
    for broken in
        ["nonsense", "{\"type\":", "{\"type\":\"unheard-of\"}", "{\"type\":\"service_account\"}"]
    {
        let variables = [endpoint, ("GOOGLE_CREDENTIALS", broken)];
        let args = ["encrypt", "--gcp-kms", &key("good"), "plain.yaml"];
        fails(&sandbox, &variables, &args, &["GOOGLE_CREDENTIALS"], &["unheard-of", "nonsense"]);
    }
}

#[track_caller]
fn says(variables: Variables<'_>, name: &str, words: &[&str]) {
    let sandbox = sandbox();
    let args = ["encrypt", "--output", "s.yaml", "--gcp-kms", &key(name), "plain.yaml"];
    fails(&sandbox, variables, &args, words, &[Clouds::GOOGLE_TOKEN, "a message"]);
}

#[test]
fn what_goes_wrong_is_one_line_in_time() {
    let clouds = Clouds::start();
    let http = clouds.http();
    let endpoint = ("SOPS_GCP_KMS_ENDPOINT", http.as_str());
    let good = [endpoint, ("GOOGLE_OAUTH_ACCESS_TOKEN", Clouds::GOOGLE_TOKEN)];
    for (name, word) in [
        ("denied", "denies the use of this key"),
        ("disabled", "disabled or destroyed"),
        ("missing", "has no such key"),
        ("expired", "may have expired"),
        ("throttled", "limits requests"),
        ("broken", "is not available"),
        ("hang", "did not answer within 10 s"),
        ("garbage", "something that it does not say"),
        ("huge", "something that it does not say"),
        ("redirect", "redirects to another address"),
    ] {
        says(&good, name, &[word]);
    }
    let expired = [endpoint, ("GOOGLE_OAUTH_ACCESS_TOKEN", "ya29.of-yesterday")];
    says(&expired, "good", &["does not accept the credential", "log in again"]);
    let nobody = [("SOPS_GCP_KMS_ENDPOINT", "http://127.0.0.1:1"), good[1]];
    says(&nobody, "good", &["cannot be reached: connection refused"]);
    let neither = [good[0], good[1], ("SOPS_GCP_KMS_CLIENT_TYPE", "soap")];
    says(&neither, "good", &["neither grpc nor rest"]);
}

#[test]
fn a_busy_service_is_asked_again() {
    let (clouds, sandbox) = (Clouds::start(), sandbox());
    let http = clouds.http();
    let variables = [
        ("SOPS_GCP_KMS_ENDPOINT", http.as_str()),
        ("GOOGLE_OAUTH_ACCESS_TOKEN", Clouds::GOOGLE_TOKEN),
    ];
    bulla(&sandbox, &variables, &["encrypt", "--gcp-kms", &key("busy"), "plain.yaml"]).ok();
    let asked = |name: &str| clouds.log().matches(&format!("{name}:encrypt")).count();
    assert_eq!(asked("busy"), 3);
    for (name, times) in [("throttled", 4), ("denied", 1)] {
        says(&variables, name, &[]);
        assert_eq!(asked(name), times, "{name}");
    }
}

#[test]
fn neither_token_nor_data_key_follows_a_redirect() {
    let other = Listener::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let clouds = Clouds::redirecting_to(&other.address());
    let http = clouds.http();
    let variables = [
        ("SOPS_GCP_KMS_ENDPOINT", http.as_str()),
        ("GOOGLE_OAUTH_ACCESS_TOKEN", Clouds::GOOGLE_TOKEN),
    ];
    says(&variables, "redirect", &["redirects"]);
    assert_eq!(other.received(), "");
}

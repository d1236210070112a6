//! Google Cloud Storage: a server of our own, at which the real sops is pointed too.

use bulla_testkit::servers::Clouds;

use crate::common::{fails, publish, sandbox, sops};

const RULES: &str = "  - gcs_bucket: sealed\n    gcs_prefix: pre/\n";

#[test]
fn the_same_object_is_at_the_same_place() {
    let files = [("a.yaml", "a: hunter2-correct-horse\n"), ("two words+é.env", "A=1\n")];
    let sandbox = sandbox(RULES, &files);
    for ((name, _), place) in files.iter().zip(["pre/a.yaml", "pre/two%20words%2B%C3%A9.env"]) {
        let (ours, theirs) = (Clouds::start(), Clouds::start());
        let emulator = theirs.http();
        sops(&sandbox, &[("STORAGE_EMULATOR_HOST", &emulator)], &["--yes", name]).ok();
        // Nobody's credentials go to an emulator.
        let emulator = ours.http();
        let emulator = emulator.trim_start_matches("http://");
        let variables =
            [("STORAGE_EMULATOR_HOST", emulator), ("GOOGLE_CREDENTIALS", "not even read")];
        let run = publish(&sandbox, &variables, &["--yes", name]).ok();
        assert!(run.err().contains("published to gcs://sealed/pre/"), "{}", run.err());
        let [ours, theirs] = [ours, theirs].map(|clouds| clouds.object("sealed", place));
        assert_eq!((ours.status, theirs.status), (200, 200), "{name}");
        assert_eq!(ours.body, sandbox.read_text(name), "as it is");
        assert_eq!(ours.body, theirs.body, "{name}");
    }
}

#[test]
fn google_itself_is_shown_a_token_over_tls() {
    let clouds = Clouds::start();
    let (proxy, ca) = (clouds.proxy(), clouds.ca());
    let sandbox = sandbox(RULES, &[("a.yaml", "a: b\n")]);
    let way = [("HTTPS_PROXY", proxy.as_str()), ("SSL_CERT_FILE", ca.to_str().unwrap())];
    let token = ("GOOGLE_OAUTH_ACCESS_TOKEN", Clouds::GOOGLE_TOKEN);
    publish(&sandbox, &[way[0], way[1], token], &["--yes", "a.yaml"]).ok();
    assert!(clouds.log().contains("PROXY CONNECT storage.googleapis.com:443"));
    assert_eq!(clouds.object("sealed", "pre/a.yaml").body, sandbox.read_text("a.yaml"));
    let old = ("GOOGLE_OAUTH_ACCESS_TOKEN", "ya29.of-yesterday");
    fails(&sandbox, &[way[0], way[1], old], "a.yaml", &["does not accept the credentials"]);
    let words = ["the Application Default Credentials of Google Cloud cannot be used"];
    let broken = ("GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent");
    fails(&sandbox, &[way[0], way[1], broken], "a.yaml", &words);
}

#[test]
fn what_goes_wrong_is_one_line() {
    let clouds = Clouds::start();
    let http = clouds.http();
    let variables = [("STORAGE_EMULATOR_HOST", http.as_str())];
    for (bucket, word) in [
        ("missing", "has no bucket missing; check gcs_bucket"),
        ("denied", "denies it; ask for storage.objects.create"),
        ("throttled", "limits requests"),
        ("broken", "failed with the status 503"),
        ("redirect", "redirects to another address"),
    ] {
        let sandbox = sandbox(&format!("  - gcs_bucket: {bucket}\n"), &[("a.yaml", "a: b\n")]);
        fails(&sandbox, &variables, "a.yaml", &[word]);
    }
    let sandbox = sandbox("  - gcs_bucket: hang\n", &[("a.yaml", "a: b\n")]);
    let run = publish(&sandbox, &variables, &["--timeout", "1", "--yes", "a.yaml"]).exits(1);
    assert!(run.err().contains("did not answer within 1 s"), "{}", run.err());
}

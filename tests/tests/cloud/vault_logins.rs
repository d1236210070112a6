//! How a token for Vault is come by: sops knows the first two ways only.

use bulla_testkit::Sandbox;
use bulla_testkit::servers::{Bao, Listener};

use crate::common::{PLAIN, Variables, bulla, fails, sandbox};
use crate::vault::transit;

/// A policy that is about the key and nothing else.
const POLICY: &str = r#"{"policy":"path \"transit/+/k\" { capabilities = [\"update\"] }"}"#;

#[track_caller]
fn seals_and_opens(sandbox: &Sandbox, bao: &Bao, login: Variables<'_>) {
    let address = bao.address();
    let variables = [&[("VAULT_ADDR", address.as_str())], login].concat();
    let url = format!("{address}/v1/transit/keys/k");
    let sealed =
        bulla(sandbox, &variables, &["encrypt", "--hc-vault-transit", &url, "plain.yaml"]).ok();
    sandbox.write("s.yaml", &sealed.stdout);
    assert_eq!(bulla(sandbox, &variables, &["decrypt", "s.yaml"]).ok().out(), PLAIN);
}

fn field(json: &str, name: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    let found = value.pointer(name).and_then(serde_json::Value::as_str);
    found.unwrap_or_else(|| panic!("{name} is not in {json}")).to_owned()
}

#[test]
fn the_file_that_vault_login_writes_is_read() {
    let (bao, sandbox) = (transit(), sandbox());
    std::fs::write(sandbox.home().join(".vault-token"), format!("{}\n", bao.root_token())).unwrap();
    seals_and_opens(&sandbox, &bao, &[]);
}

#[test]
fn an_app_logs_in_with_its_role() {
    let (bao, sandbox) = (transit(), sandbox());
    bao.post("sys/policies/acl/use-k", POLICY);
    bao.post("sys/auth/apps/here", r#"{"type":"approle"}"#);
    bao.post("auth/apps/here/role/ci", r#"{"token_policies":"use-k"}"#);
    let id = bulla_testkit::servers::request(
        bao.port(),
        "GET /v1/auth/apps/here/role/ci/role-id",
        &["X-Vault-Token: root"],
        "",
    );
    let id = field(&id.body, "/data/role_id");
    let secret = field(&bao.post("auth/apps/here/role/ci/secret-id", "{}"), "/data/secret_id");
    let login = [
        ("VAULT_ROLE_ID", id.as_str()),
        ("VAULT_SECRET_ID", &secret),
        ("VAULT_AUTH_PATH", "apps/here"),
    ];
    seals_and_opens(&sandbox, &bao, &login);

    // Logging in is what fails, and says so without the secret.
    let address = bao.address();
    let wrong =
        [("VAULT_ADDR", address.as_str()), login[0], ("VAULT_SECRET_ID", "0b5c-wrong"), login[2]];
    let words = ["refuses the login with VAULT_ROLE_ID at auth/apps/here"];
    fails(&sandbox, &wrong, &["decrypt", "s.yaml"], &words, &["0b5c-wrong", &id]);
}

#[test]
fn a_pod_logs_in_with_the_token_of_its_service_account() {
    let (bao, sandbox) = (transit(), sandbox());
    // What the API server of a cluster says about the token.
    let review = r#"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","status":{"authenticated":true,"audiences":["bao"],"user":{"username":"system:serviceaccount:default:app","uid":"u-1","groups":["system:serviceaccounts"]}}}"#;
    let cluster = Listener::answering(format!(
        "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{review}",
        review.len()
    ));
    bao.post("sys/policies/acl/use-k", POLICY);
    bao.post("sys/auth/kubernetes", r#"{"type":"kubernetes"}"#);
    // The authority of a cluster has to be given, though this one speaks HTTP.
    let tls = Bao::start_tls();
    let ca = std::fs::read_to_string(tls.ca().unwrap()).unwrap();
    let config = serde_json::json!({
        "kubernetes_host": cluster.address(),
        "disable_local_ca_jwt": true,
        "kubernetes_ca_cert": ca,
        "token_reviewer_jwt": jwt(),
    });
    bao.post("auth/kubernetes/config", &config.to_string());
    bao.post(
        "auth/kubernetes/role/app",
        r#"{"bound_service_account_names":"app","bound_service_account_namespaces":"default","audience":"bao","token_policies":"use-k"}"#,
    );
    let file = sandbox.write("../token", format!("{}\n", jwt()));
    let login = [("VAULT_ROLE", "app"), ("VAULT_JWT_FILE", file.to_str().unwrap())];
    seals_and_opens(&sandbox, &bao, &login);
    assert!(cluster.received().contains("tokenreviews"), "the cluster was asked");
}

/// A token as a cluster makes it; only the cluster's word about it counts.
fn jwt() -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
    let header = part(r#"{"alg":"RS256","typ":"JWT"}"#);
    let claims = part(
        r#"{"iss":"https://kubernetes.default.svc","sub":"system:serviceaccount:default:app","aud":["bao"],"iat":1700000000,"nbf":1700000000,"exp":4102444800,"kubernetes.io":{"namespace":"default","serviceaccount":{"name":"app","uid":"u-1"}}}"#,
    );
    format!("{header}.{claims}.{}", part("not a signature"))
}

//! AWS KMS: the moto server, which checks contexts, and signatures and policies when it is told to.

use bulla_testkit::servers::{Clouds, Listener, Moto};
use bulla_testkit::{Sandbox, peers};

use crate::common::{PLAIN, Variables, bulla, fails, goes_both_ways, run, sandbox};

const REGION: &str = "eu-west-1";

/// A login that moto believes, and the way to it.
fn login(address: &str) -> [(&str, &str); 3] {
    [
        ("AWS_ENDPOINT_URL", address),
        ("AWS_ACCESS_KEY_ID", "AKIATESTTESTTESTTEST"),
        ("AWS_SECRET_ACCESS_KEY", "not-a-real-secret"),
    ]
}

#[track_caller]
fn sealed(variables: Variables<'_>, arn: &str) -> Sandbox {
    let sandbox = sandbox();
    let args = ["encrypt", "--kms", arn, "--output", "s.yaml", "plain.yaml"];
    bulla(&sandbox, variables, &args).ok();
    sandbox
}

#[test]
fn keys_aliases_contexts_and_roles_go_both_ways() {
    let moto = Moto::start();
    let (address, arn) = (moto.address(), moto.key(REGION));
    let variables = login(&address);
    let id = arn.rsplit('/').next().unwrap();
    moto.kms(REGION, "CreateAlias", &format!(r#"{{"AliasName":"alias/a","TargetKeyId":"{id}"}}"#));
    let alias = format!("arn:aws:kms:{REGION}:{}:alias/a", moto.account());
    let with_role = format!("{arn}+arn:aws:iam::{}:role/sealer", moto.account());
    let role = ("BULLA_AWS_ROLE_ALLOWLIST", with_role.split('+').nth(1).unwrap());
    let ours = [&variables[..], &[role]].concat();
    let all = peers::all_sops();
    goes_both_ways(&all, &["--kms", &arn], &ours, &variables);
    goes_both_ways(&all[..1], &["--kms", &alias], &ours, &variables);
    let context = ["--kms", &with_role, "--encryption-context", "app:web,stage:live"];
    goes_both_ways(&all, &context, &ours, &variables);
}

#[test]
fn a_changed_context_opens_nothing() {
    let moto = Moto::start();
    let (address, arn) = (moto.address(), moto.key(REGION));
    let sandbox = sandbox();
    let args = ["encrypt", "--kms", &arn, "--encryption-context", "app:web", "plain.yaml"];
    let text = bulla(&sandbox, &login(&address), &args).ok();
    sandbox.write("s.yaml", text.out().replace("app: web", "app: other"));
    let words = ["this key and this encryption context"];
    fails(&sandbox, &login(&address), &["decrypt", "s.yaml"], &words, &[]).exits(128);
}

#[test]
fn profiles_are_the_users_own() {
    let moto = Moto::start();
    let (address, arn) = (moto.address(), moto.key(REGION));
    let sandbox = sandbox();
    std::fs::create_dir_all(sandbox.home().join(".aws")).unwrap();
    let config = "[profile sealing]\naws_access_key_id = AKIATESTTESTTESTTEST\naws_secret_access_key = not-a-real-secret\n";
    std::fs::write(sandbox.home().join(".aws/config"), config).unwrap();
    let way = [("AWS_ENDPOINT_URL", address.as_str())];
    let flag = ["--kms", &arn, "--aws-profile", "sealing"];
    let sealed = bulla(&sandbox, &way, &[&["encrypt"], &flag[..], &["plain.yaml"]].concat()).ok();
    assert!(sealed.out().contains("aws_profile: sealing"));
    sandbox.write("s.yaml", &sealed.stdout);
    assert_eq!(bulla(&sandbox, &way, &["decrypt", "s.yaml"]).ok().out(), PLAIN);
    let theirs = run(&sandbox, sandbox.command(peers::sops()), &way, &["decrypt", "s.yaml"]);
    assert_eq!(theirs.ok().out(), PLAIN);

    let other = sealed.out().replace("aws_profile: sealing", "aws_profile: admin");
    sandbox.write("s.yaml", other);
    let words = ["has no profile admin", "aws configure --profile admin"];
    // Nor are other credentials used in its place.
    fails(&sandbox, &login(&address), &["decrypt", "s.yaml"], &words, &[]).exits(128);
}

#[test]
fn a_role_in_a_file_is_assumed_only_when_it_is_the_users_own() {
    let moto = Moto::start();
    let (address, arn) = (moto.address(), moto.key(REGION));
    let role = format!("arn:aws:iam::{}:role/sealer", moto.account());
    // Typed by the user, so his own.
    let sandbox = sealed(&login(&address), &format!("{arn}+{role}"));
    let words = ["does not name the role", &format!("BULLA_AWS_ROLE_ALLOWLIST={role}")];
    fails(&sandbox, &login(&address), &["decrypt", "s.yaml"], &words, &[]).exits(128);

    let opens = |more: Variables<'_>| {
        let variables = [&login(&address)[..], more].concat();
        assert_eq!(bulla(&sandbox, &variables, &["decrypt", "s.yaml"]).ok().out(), PLAIN);
    };
    opens(&[("BULLA_AWS_ROLE_ALLOWLIST", &role)]);
    opens(&[("BULLA_AWS_ROLE_ALLOWLIST", "all")]);
    opens(&[("AWS_ROLE_ARN", &role)]);
    opens(&[("SOPS_KMS_ARN", &format!("{arn}+{role}"))]);
    std::fs::create_dir_all(sandbox.home().join(".aws")).unwrap();
    let config = format!("[profile x]\nrole_arn = {role}\nsource_profile = default\n");
    std::fs::write(sandbox.home().join(".aws/config"), config).unwrap();
    opens(&[]);
}

#[test]
fn a_pod_is_in_its_role_already() {
    let moto = Moto::start();
    let (address, arn) = (moto.address(), moto.key(REGION));
    let role = format!("arn:aws:iam::{}:role/pod", moto.account());
    let sandbox = sealed(&login(&address), &format!("{arn}+{role}"));
    let token = sandbox.write("../token", "a.b.c");
    let pod = [
        ("AWS_ENDPOINT_URL", address.as_str()),
        ("AWS_ROLE_ARN", &role),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().unwrap()),
    ];
    assert_eq!(bulla(&sandbox, &pod, &["decrypt", "s.yaml"]).ok().out(), PLAIN);
}

#[test]
fn signatures_and_policies_are_checked() {
    // Setting up takes seven calls.
    let moto = Moto::strict_after(7);
    let (address, arn) = (moto.address(), moto.key(REGION));
    let user = |name: &str| {
        moto.iam(&format!("Action=CreateUser&UserName={name}"));
        let made = moto.iam(&format!("Action=CreateAccessKey&UserName={name}"));
        let part = |tag: &str| {
            let rest = made.split_once(&format!("<{tag}>")).unwrap().1;
            rest.split_once('<').unwrap().0.to_owned()
        };
        (part("AccessKeyId"), part("SecretAccessKey"))
    };
    let (may, may_not) = (user("may"), user("maynot"));
    let policy = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22kms%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D";
    moto.iam(&format!("Action=PutUserPolicy&UserName=may&PolicyName=p&PolicyDocument={policy}"));
    moto.kms(REGION, "ListKeys", "{}");
    let with = |(id, secret): &(String, String)| {
        [
            ("AWS_ENDPOINT_URL", address.clone()),
            ("AWS_ACCESS_KEY_ID", id.clone()),
            ("AWS_SECRET_ACCESS_KEY", secret.clone()),
        ]
    };
    let good = with(&may);
    let good = good.each_ref().map(|(name, value)| (*name, value.as_str()));
    let sandbox = sealed(&good, &arn);
    assert_eq!(bulla(&sandbox, &good, &["decrypt", "s.yaml"]).ok().out(), PLAIN);
    for wrong in [with(&may_not), with(&(may.0.clone(), "x".repeat(40)))] {
        let wrong = wrong.each_ref().map(|(name, value)| (*name, value.as_str()));
        let words = ["denies the use of this key"];
        fails(&sandbox, &wrong, &["decrypt", "s.yaml"], &words, &[wrong[2].1]).exits(128);
    }
}

#[track_caller]
fn says(variables: Variables<'_>, key: &str, words: &[&str]) {
    let sandbox = sandbox();
    let arn = format!("arn:aws:kms:{REGION}:123456789012:key/{key}");
    let args = ["encrypt", "--output", "s.yaml", "--kms", &arn, "plain.yaml"];
    fails(&sandbox, variables, &args, words, &["not-a-real-secret", "a message"]);
}

#[test]
fn what_goes_wrong_is_one_line_in_time() {
    let clouds = Clouds::start();
    let http = clouds.http();
    let good = login(&http);
    for (name, word) in [
        ("denied", "denies the use of this key"),
        ("disabled", "the key is disabled"),
        ("missing", "AWS KMS in eu-west-1 has no such key"),
        ("expired", "have expired"),
        ("throttled", "limits requests"),
        ("broken", "is not available"),
        ("hang", "did not answer within 10 s"),
        ("garbage", "something that KMS does not say"),
        ("huge", "answered with more than 1 MiB"),
        ("redirect", "redirects to another address"),
    ] {
        says(&good, name, &[word]);
    }
    says(&login("http://127.0.0.1:1"), "k", &["cannot be reached: connection refused"]);
    let nobody = [("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_ENDPOINT_URL", http.as_str())];
    says(&nobody, "k", &["no credentials for AWS were found", "aws sso login"]);
}

#[test]
fn a_wrong_region_is_named() {
    let moto = Moto::start();
    let (address, arn) = (moto.address(), moto.key(REGION));
    let sandbox = sealed(&login(&address), &arn);
    let text = sandbox.read_text("s.yaml");
    sandbox.write("s.yaml", text.replace(REGION, "us-west-2"));
    let words = ["AWS KMS in us-west-2"];
    fails(&sandbox, &login(&address), &["decrypt", "s.yaml"], &words, &[]).exits(128);
    // A region that would be another host.
    sandbox.write("s.yaml", text.replace(REGION, "evil.example.net/x"));
    let words = ["this is not the ARN of a key"];
    fails(&sandbox, &login(&address), &["decrypt", "s.yaml"], &words, &[]).exits(128);
}

#[test]
fn neither_signature_nor_data_key_follows_a_redirect() {
    let other = Listener::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let clouds = Clouds::redirecting_to(&other.address());
    says(&login(&clouds.http()), "redirect", &["redirects to another address"]);
    assert_eq!(other.received(), "");
}

//! How credentials for AWS are come by. Behind each way is one access key, of the only user whom moto believes.

use std::path::Path;

use bulla_testkit::servers::{Logins, Moto};
use bulla_testkit::{Sandbox, peers};

use crate::common::{PLAIN, Variables, bulla, fails, make_executable, run, sandbox};

const REGION: &str = "eu-west-1";

/// The digest of `team`: how AWS's tools call the file with the token of a session.
const SHA1_OF_TEAM: &str = "d25187dc137f35c88bc80ec8c3ffbdb17b5eb873";

/// The digest of [`START_URL`], which is what the file is called without a session.
const SHA1_OF_START_URL: &str = "e8be5486177c5b5392bd9aa76563515b29358e6e";

const START_URL: &str = "https://example.awsapps.com/start";

/// A KMS that checks signatures and policies, and who gives a good access key out.
struct World {
    moto: Moto,
    logins: Logins,
    arn: String,
    /// An access key for long.
    key_id: String,
    secret: String,
    /// That of a session, which is what is given out.
    session: [String; 3],
}

impl World {
    fn new() -> Self {
        // There are seven calls in this function.
        let moto = Moto::strict_after(7);
        let arn = moto.key(REGION);
        moto.iam("Action=CreateUser&UserName=may");
        let made = moto.iam("Action=CreateAccessKey&UserName=may");
        let part = |answer: &str, tag: &str| {
            let rest = answer.split_once(&format!("<{tag}>")).expect("moto answers in XML").1;
            rest.split_once('<').expect("tags are closed").0.to_owned()
        };
        let [key_id, secret] = ["AccessKeyId", "SecretAccessKey"].map(|tag| part(&made, tag));
        let policy = |action: &str| {
            let all = format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#
            );
            all.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>()
        };
        let document = policy("*");
        moto.iam(&format!(
            "Action=PutUserPolicy&UserName=may&PolicyName=p&PolicyDocument={document}"
        ));
        moto.iam(&format!(
            "Action=CreateRole&RoleName=sealer&AssumeRolePolicyDocument={}",
            policy("sts:AssumeRole")
        ));
        moto.iam(&format!(
            "Action=PutRolePolicy&RoleName=sealer&PolicyName=p&PolicyDocument={document}"
        ));
        let role = format!("arn:aws:iam::{}:role/sealer", moto.account());
        let assumed = moto.sts(&format!("Action=AssumeRole&RoleArn={role}&RoleSessionName=s"));
        let tags = ["AccessKeyId", "SecretAccessKey", "SessionToken"];
        let session = tags.map(|tag| part(&assumed, tag));
        let logins = Logins::handing_out(session.each_ref().map(String::as_str));
        Self { moto, logins, arn, key_id, secret, session }
    }

    /// The way to KMS and STS; everything else of AWS is where credentials are given out.
    fn way(&self) -> Vec<(String, String)> {
        let pair = |name: &str, value: String| (name.to_owned(), value);
        vec![
            pair("AWS_ENDPOINT_URL_KMS", self.moto.address()),
            pair("AWS_ENDPOINT_URL_STS", self.moto.address()),
            pair("AWS_ENDPOINT_URL_SSO", self.logins.address()),
            pair("AWS_ENDPOINT_URL_SSO_OIDC", self.logins.address()),
        ]
    }

    /// Seals and opens with these variables, and lets the real sops open it with the same.
    #[track_caller]
    fn works(&self, sandbox: &Sandbox, variables: Variables<'_>) {
        let way = self.way();
        let way = way.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let variables: Vec<_> = way.chain(variables.iter().copied()).collect();
        let seal = ["encrypt", "--kms", &self.arn, "plain.yaml"];
        sandbox.write("s.yaml", &bulla(sandbox, &variables, &seal).ok().stdout);
        assert_eq!(bulla(sandbox, &variables, &["decrypt", "s.yaml"]).ok().out(), PLAIN);
        let theirs = sandbox.command(peers::sops());
        let theirs = run(sandbox, theirs, &variables, &["decrypt", "s.yaml"]);
        assert_eq!(theirs.ok().out(), PLAIN);
    }

    /// Does not seal, in time and in one message.
    #[track_caller]
    fn does_not(&self, sandbox: &Sandbox, variables: Variables<'_>, words: &[&str]) {
        let way = self.way();
        let way = way.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let variables: Vec<_> = way.chain(variables.iter().copied()).collect();
        let seal = ["encrypt", "--kms", &self.arn, "--output", "new.yaml", "plain.yaml"];
        let never = [
            self.secret.as_str(),
            &self.session[1],
            Logins::CONTAINER,
            Logins::SSO_REFRESH,
            Logins::SSO_TOKEN,
        ];
        fails(sandbox, &variables, &seal, words, &never);
    }
}

/// Nobody is asked who an instance is.
const NO_INSTANCE: (&str, &str) = ("AWS_EC2_METADATA_DISABLED", "true");

/// A sandbox with these as `~/.aws/config`.
fn configured(config: &str) -> Sandbox {
    let sandbox = sandbox();
    write(&sandbox.home().join(".aws/config"), config);
    sandbox
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a file is in a folder")).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A program that prints an access key, and leaves `started` where it is started.
fn process(sandbox: &Sandbox, key_id: &str, secret: &str) -> String {
    let answer = serde_json::json!({
        "Version": 1,
        "AccessKeyId": key_id,
        "SecretAccessKey": secret,
    });
    let path = sandbox.home().join("credentials-helper");
    write(&path, &format!("#!/bin/sh\n: > \"$HOME/started\"\necho '{answer}'\n"));
    make_executable(&path);
    path.to_str().unwrap().to_owned()
}

#[test]
fn an_access_key_of_variables_or_of_a_profile() {
    let world = World::new();
    let keys = [
        ("AWS_ACCESS_KEY_ID", world.key_id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", world.secret.as_str()),
    ];
    world.works(&sandbox(), &keys);
    let profile =
        format!("aws_access_key_id = {}\naws_secret_access_key = {}\n", world.key_id, world.secret);
    let sandbox = sandbox();
    let file = sandbox.home().join(".aws/credentials");
    write(&file, &format!("[default]\n{profile}"));
    world.works(&sandbox, &[]);
    write(&file, &format!("[work]\n{profile}"));
    world.works(&sandbox, &[("AWS_PROFILE", "work")]);
    let words = ["no credentials for AWS were found"];
    world.does_not(&crate::common::sandbox(), &[NO_INSTANCE], &words);
}

#[test]
fn a_role_of_a_profile_is_assumed() {
    let world = World::new();
    let keys =
        format!("aws_access_key_id = {}\naws_secret_access_key = {}\n", world.key_id, world.secret);
    let role = format!("arn:aws:iam::{}:role/sealer", world.moto.account());
    let chain =
        format!("[profile base]\n{keys}\n[default]\nrole_arn = {role}\nsource_profile = base\n");
    world.works(&configured(&chain), &[]);
    // Not by somebody else.
    let stranger = chain.replace(&world.secret, &"x".repeat(40));
    world.does_not(&configured(&stranger), &[], &[]);
}

#[test]
fn a_program_that_the_users_own_profile_names() {
    let world = World::new();
    let sandbox = sandbox();
    let helper = process(&sandbox, &world.key_id, &world.secret);
    let config = format!("[default]\ncredential_process = {helper}\n");
    write(&sandbox.home().join(".aws/config"), &config);
    world.works(&sandbox, &[]);
    assert!(sandbox.home().join("started").exists());

    for broken in ["#!/bin/sh\necho nonsense\n", "#!/bin/sh\nexit 3\n", "#!/bin/sh\necho '{}'\n"] {
        write(Path::new(&helper), broken);
        world.does_not(&sandbox, &[NO_INSTANCE], &[]);
    }
    write(Path::new(&helper), "#!/bin/sh\nexec sleep 60\n");
    world.does_not(&sandbox, &[NO_INSTANCE], &["did not answer within 10 s"]);
}

#[test]
fn what_a_repository_holds_starts_no_program_and_names_no_profile() {
    let world = World::new();
    let sandbox = sandbox();
    let helper = process(&sandbox, &world.key_id, &world.secret);
    let keys = [
        ("AWS_ACCESS_KEY_ID", world.key_id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", world.secret.as_str()),
    ];
    world.works(&sandbox, &keys);
    let sealed = sandbox.read_text("s.yaml");
    let named = sealed.replace("aws_profile: \"\"", "aws_profile: helper");
    assert_ne!(named, sealed);
    // The file names a profile that only the repository has.
    let config = format!(
        "[default]\ncredential_process = {helper}\n[profile helper]\ncredential_process = {helper}\n"
    );
    for place in [".aws/config", ".aws/credentials", "config", "credentials"] {
        sandbox.write(place, &config);
    }
    let way = world.way();
    let way: Vec<_> = way.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    sandbox.write("s.yaml", &named);
    let words = ["has no profile helper"];
    fails(&sandbox, &way, &["decrypt", "s.yaml"], &words, &[]).exits(128);
    sandbox.write("s.yaml", &sealed);
    let nobody = [&way[..], &[NO_INSTANCE]].concat();
    let words = ["no credentials for AWS were found"];
    fails(&sandbox, &nobody, &["decrypt", "s.yaml"], &words, &[]).exits(128);
    assert!(!sandbox.home().join("started").exists(), "nothing was started");
}

#[test]
fn whoever_did_aws_sso_login() {
    let world = World::new();
    let account = format!(
        "sso_account_id = {}\nsso_role_name = sealer\nregion = {REGION}\n",
        world.moto.account()
    );
    let session = format!(
        "[default]\nsso_session = team\n{account}\n[sso-session team]\nsso_region = {REGION}\nsso_start_url = {START_URL}\nsso_registration_scopes = sso:account:access\n"
    );
    let legacy =
        format!("[default]\nsso_start_url = {START_URL}\nsso_region = {REGION}\n{account}");
    let token = |token: &str, expires: &str| {
        let json = serde_json::json!({
            "startUrl": START_URL,
            "region": REGION,
            "accessToken": token,
            "expiresAt": expires,
            "clientId": "c",
            "clientSecret": "s",
            "registrationExpiresAt": "2999-01-01T00:00:00Z",
            "refreshToken": Logins::SSO_REFRESH,
        });
        json.to_string()
    };
    let (late, early) = ("2999-01-01T00:00:00Z", "2020-01-01T00:00:00Z");
    for (config, digest) in [(&session, SHA1_OF_TEAM), (&legacy, SHA1_OF_START_URL)] {
        let sandbox = configured(config);
        let cache = sandbox.home().join(format!(".aws/sso/cache/{digest}.json"));
        write(&cache, &token(Logins::SSO_TOKEN, late));
        world.works(&sandbox, &[NO_INSTANCE]);
        write(&cache, &token("a-token-of-yesterday", late));
        world.does_not(&sandbox, &[NO_INSTANCE], &["aws sso login"]);
        std::fs::remove_file(&cache).unwrap();
        world.does_not(&sandbox, &[NO_INSTANCE], &["aws sso login"]);
    }
    // A session renews its token by itself.
    let sandbox = configured(&session);
    let cache = sandbox.home().join(format!(".aws/sso/cache/{SHA1_OF_TEAM}.json"));
    write(&cache, &token("a-token-of-yesterday", early));
    world.works(&sandbox, &[NO_INSTANCE]);
    assert!(world.logins.log().contains("POST /token 200"));
    assert!(std::fs::read_to_string(&cache).unwrap().contains(Logins::SSO_TOKEN));
}

#[test]
fn an_instance_of_ec2() {
    let world = World::new();
    let address = world.logins.address();
    let instance = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", address.as_str())];
    world.works(&sandbox(), &instance);
    let log = world.logins.log();
    assert!(log.contains("PUT /latest/api/token 200"), "{log}");
    assert!(log.contains("security-credentials/test-role 200"), "{log}");
    let nobody = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")];
    world.does_not(&sandbox(), &nobody, &["no credentials for AWS were found"]);
}

#[test]
fn a_container_of_ecs_or_a_pod_of_eks() {
    let world = World::new();
    let sandbox = sandbox();
    let address = format!("{}/container", world.logins.address());
    let uri = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", address.as_str());
    world.works(&sandbox, &[uri, ("AWS_CONTAINER_AUTHORIZATION_TOKEN", Logins::CONTAINER)]);
    let file = sandbox.write("../pod-identity", Logins::CONTAINER);
    let file = ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file.to_str().unwrap());
    world.works(&sandbox, &[uri, file]);
    let wrong = ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "another");
    world.does_not(&crate::common::sandbox(), &[uri, wrong, NO_INSTANCE], &[]);
}

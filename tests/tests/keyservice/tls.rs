//! Certificates on both sides.

use bulla_testkit::{Sandbox, keys};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};

use crate::service::{MANIFEST, Service, repository, run};

/// An authority whose certificate is a file, and that makes others.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(sandbox: &Sandbox, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        sandbox.write(format!("{name}.pem"), params.self_signed(&key).unwrap().pem());
        Self { issuer: Issuer::new(params, key) }
    }

    /// A certificate `NAME.pem` and its key `NAME.key`.
    fn issue(&self, sandbox: &Sandbox, name: &str, usage: ExtendedKeyUsagePurpose) {
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate().unwrap();
        sandbox.write(format!("{name}.pem"), params.signed_by(&key, &self.issuer).unwrap().pem());
        sandbox.write(format!("{name}.key"), key.serialize_pem());
    }
}

#[test]
fn both_sides_show_a_certificate_or_there_is_no_answer() {
    let sandbox = repository();
    let ours = Authority::new(&sandbox, "ca");
    ours.issue(&sandbox, "server", ExtendedKeyUsagePurpose::ServerAuth);
    ours.issue(&sandbox, "client", ExtendedKeyUsagePurpose::ClientAuth);
    let theirs = Authority::new(&sandbox, "other-ca");
    theirs.issue(&sandbox, "other", ExtendedKeyUsagePurpose::ClientAuth);
    let tls = ["--tls-cert", "server.pem", "--tls-key", "server.key", "--tls-client-ca", "ca.pem"];
    let tcp = ["--network", "tcp", "--address", "127.0.0.1:0"];
    let service = Service::bulla(&sandbox, &[&tcp[..], &tls].concat());
    assert!(service.address.starts_with("tls://127.0.0.1:"));
    let sealed = run(&sandbox, sandbox.bulla(), &["encrypt", "plain.yaml"]).ok();
    sandbox.write("sealed.yaml", &sealed.stdout);

    let decrypt = |address: &str, ca: &str, client: &str| {
        let mut command = sandbox.bulla();
        command
            .env("BULLA_KEYSERVICE_CA", format!("{ca}.pem"))
            .env("BULLA_KEYSERVICE_CERT", format!("{client}.pem"))
            .env("BULLA_KEYSERVICE_KEY", format!("{client}.key"));
        run(&sandbox, command, &["decrypt", "sealed.yaml", "--keyservice", address])
    };
    assert_eq!(decrypt(&service.address, "ca", "client").ok().out(), MANIFEST);
    for (ca, client) in
        [("other-ca", "client"), ("ca", "other"), ("ca", "missing"), ("ca", "server")]
    {
        let refused = decrypt(&service.address, ca, client).exits(128);
        assert!(refused.stdout.is_empty() && !refused.err().contains(keys::age_identity()));
    }
    let plain = service.address.replace("tls://", "tcp://");
    decrypt(&plain, "ca", "client").exits(128);
    let mut command = sandbox.bulla();
    command.args(["decrypt", "sealed.yaml", "--keyservice", &service.address]);
    let unset = sandbox.run(&mut command).exits(128);
    assert!(unset.err().contains("BULLA_KEYSERVICE_CA names no file"), "{}", unset.err());
}

#[test]
fn half_of_what_tls_takes_is_refused() {
    let sandbox = repository();
    let tcp = ["keyservice", "--network", "tcp", "--address", "127.0.0.1:0"];
    for half in [
        &["--tls-cert", "plain.yaml"][..],
        &["--tls-cert", "plain.yaml", "--tls-key", "plain.yaml"],
        &["--tls-client-ca", "plain.yaml"],
    ] {
        run(&sandbox, sandbox.bulla(), &[&tcp[..], half].concat()).fails();
    }
    let all =
        ["--tls-cert", "plain.yaml", "--tls-key", "plain.yaml", "--tls-client-ca", "plain.yaml"];
    run(&sandbox, sandbox.bulla(), &[&tcp[..], &all].concat()).exits(1);
    run(&sandbox, sandbox.bulla(), &[&["keyservice", "--address", "s"], &all[..]].concat())
        .exits(8);
}

//! Rules files: read or refused, and asked about paths, in linear time.

use bulla_core::rules::{Rules, TrackedFile, check as compare};

const PATHS: [&str; 6] = [
    "secrets.yaml",
    "apps/web/db.enc.yaml",
    "a",
    "clusters/one/two/three/four.sops.json",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
    "ä/日本\n.env",
];

pub(crate) fn check(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(rules) = Rules::parse(text, ".sops-rules.yaml") else { return };
    for path in PATHS {
        let matching = rules.matches(path);
        let plan = rules.plan(path);
        assert_eq!(plan.is_some(), !matching.is_empty());
        if let Some(plan) = plan {
            for recipient in plan.recipients() {
                let _ = recipient.name;
            }
        }
        let _ = rules.destination(path);
    }
    let tracked = |path: &str| TrackedFile {
        path: path.to_owned(),
        sealed: Some(false),
        wants_sealing: true,
    };
    for finding in compare(&rules, &PATHS.map(tracked)) {
        assert!(finding.rule < rules.creation_rules().len());
        let _ = finding.to_string();
    }
}

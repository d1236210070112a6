//! What stands in the place of a sealed value.

use bulla_testkit::Sandbox;

use crate::common::{bulla, scale, sealed};

#[test]
fn a_token_that_is_none_is_refused() {
    let sandbox = Sandbox::new();
    let good = sealed("a: hunter2\n");
    let start = good.find("ENC[").expect("a token");
    let token = &good[start..start + good[start..].find(']').expect("its end") + 1];
    let data = token.split("data:").nth(1).and_then(|rest| rest.split(',').next()).expect("data");
    let iv = token.split("iv:").nth(1).and_then(|rest| rest.split(',').next()).expect("a nonce");
    let tag = token.split("tag:").nth(1).and_then(|rest| rest.split(',').next()).expect("a tag");
    let long = "A".repeat(scale() * (4 << 20));
    let cases = [
        ("none", "hunter2".to_owned()),
        ("nothing", "ENC[AES256_GCM,data:,iv:,tag:,type:str]".into()),
        ("an empty tag", token.replace(tag, "")),
        ("a short tag", token.replace(tag, "AAAA")),
        ("an empty nonce", token.replace(iv, "")),
        ("a nonce of another length", token.replace(iv, "AAAAAAAAAAAAAAAA")),
        ("blanks in its data", token.replace(data, &format!(" {data}"))),
        ("blanks behind its data", token.replace(data, &format!("{data} "))),
        ("no padding", token.replace("=,", ",")),
        ("more padding", token.replace("=,", "==,")),
        ("letters of another alphabet", token.replace(data, "-_-_")),
        ("garbage", token.replace(data, "%%%%")),
        ("no type", token.replace(",type:str", "")),
        ("another type", token.replace("type:str", "type:int")),
        ("an unknown type", token.replace("type:str", "type:secret")),
        ("an unknown field", token.replace(",type:str", ",type:str,x:y")),
        ("text behind it", format!("{token} and more")),
        ("text before it", format!("x {token}")),
        ("two of them", format!("{token}{token}")),
        ("no bracket", token.trim_end_matches(']').to_owned()),
        ("much data", token.replace(data, &long)),
        ("a long nonce", token.replace(iv, &long)),
        ("a long tag", token.replace(tag, &long)),
        ("a long type", token.replace("type:str", &format!("type:{long}"))),
        ("commas", format!("ENC[AES256_GCM,{}]", ",".repeat(long.len()))),
    ];
    for (what, changed) in cases {
        assert_ne!(changed, token, "{what}");
        sandbox.write("x.yaml", good.replacen(token, &format!("'{changed}'"), 1));
        for args in [&["decrypt", "x.yaml"][..], &["decrypt", "--ignore-mac", "x.yaml"]] {
            let opened = bulla(&sandbox, args);
            opened.refused(what);
            assert!(!opened.err.contains("hunter2"), "{what}: {}", opened.err);
        }
    }
}

//! `bulla create secret docker-registry`

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

use crate::commands::create::Common;
use crate::commands::create::generic::add_file;
use crate::commands::create::manifest::{Manifest, json_text};
use crate::failure::{Failure, Result};

const KEY: &str = ".dockerconfigjson";

/// Make a Secret for pulling images
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(flatten)]
    login: Login,
    /// A .docker/config.json instead
    #[arg(long, value_name = "PATH", conflicts_with = "Login")]
    from_file: Option<String>,
}

/// What makes up a login.
#[derive(clap::Args, Debug)]
struct Login {
    /// Address of the registry [default: https://index.docker.io/v1/]
    #[arg(long, value_name = "URL")]
    docker_server: Option<String>,
    /// User of the registry
    #[arg(long, value_name = "NAME")]
    docker_username: Option<String>,
    /// Password of the user, which the process list shows
    #[arg(long, value_name = "TEXT")]
    docker_password: Option<String>,
    /// E-mail address of the user
    #[arg(long, value_name = "TEXT")]
    docker_email: Option<String>,
}

pub(super) fn fill(args: &Args, manifest: &mut Manifest) -> Result {
    manifest.set_type("kubernetes.io/dockerconfigjson");
    match &args.from_file {
        Some(source) => {
            add_file(manifest, source, Some(KEY))?;
            let is_json = |json: &[u8]| serde_json::from_slice::<IgnoredAny>(json).is_ok();
            // Another key, or what is not JSON, is refused by the API server.
            match manifest.get(KEY) {
                Some(json) if is_json(json) => Ok(()),
                Some(_) => Err(Failure::other(format!("--from-file {source}: this is not JSON"))),
                None => Err(Failure::other(format!("--from-file {source}: the key must be {KEY}"))),
            }
        }
        None => manifest.add(KEY, config(&args.login)?),
    }
}

/// `.docker/config.json` for one login, with the bytes of kubectl.
fn config(login: &Login) -> Result<Zeroizing<Vec<u8>>> {
    let (Some(user), Some(password)) = (&login.docker_username, &login.docker_password) else {
        return Err(Failure::other(
            "--docker-username and --docker-password are both needed, or else --from-file",
        ));
    };
    let server = login.docker_server.as_deref().unwrap_or("https://index.docker.io/v1/");
    let email = login.docker_email.as_deref().filter(|email| !email.is_empty());
    let pair = Zeroizing::new(format!("{user}:{password}"));
    let auth = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
    let fields = [
        ("username", Some(user.as_str())),
        ("password", Some(password.as_str())),
        ("email", email),
        ("auth", Some(auth.as_str())),
    ];
    // Every character may become six: `\u003c`.
    let length: usize = fields.iter().filter_map(|(_, text)| *text).map(str::len).sum();
    let mut json = Zeroizing::new(Vec::with_capacity(6 * (length + server.len()) + 128));
    json.extend_from_slice(b"{\"auths\":{");
    push_text(&mut json, server);
    json.extend_from_slice(b":{");
    for (index, (name, text)) in fields.iter().filter_map(|(n, t)| Some((n, (*t)?))).enumerate() {
        if index > 0 {
            json.push(b',');
        }
        push_text(&mut json, name);
        json.push(b':');
        push_text(&mut json, text);
    }
    json.extend_from_slice(b"}}}");
    Ok(json)
}

/// A JSON text as Go writes it: without the characters that mean something in HTML.
fn push_text(json: &mut Vec<u8>, text: &str) {
    for char in json_text(text).chars() {
        match char {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                json.extend_from_slice(format!("\\u{:04x}", char as u32).as_bytes());
            }
            _ => json.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Copied from what kubectl put into the Secret.
    #[test]
    fn the_bytes_are_those_of_kubectl() {
        let login = |password: &str, email: Option<&str>| Login {
            docker_server: None,
            docker_username: Some("u".into()),
            docker_password: Some(password.into()),
            docker_email: email.map(str::to_owned),
        };
        let text = |login| String::from_utf8(config(&login).unwrap().to_vec()).unwrap();
        let expected = r#"{"auths":{"https://index.docker.io/v1/":{"username":"u","password":"p\"\u003c\u003e\u0026é","email":"e","auth":"dTpwIjw+JsOp"}}}"#;
        assert_eq!(text(login("p\"<>&é", Some("e"))), expected);
        let expected = r#"{"auths":{"https://index.docker.io/v1/":{"username":"u","password":"p","auth":"dTpw"}}}"#;
        assert_eq!(text(login("p", None)), expected);
    }
}

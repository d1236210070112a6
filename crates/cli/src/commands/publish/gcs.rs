//! Google Cloud Storage.

use bulla_core::KeyError;
use bulla_keys::requests::Request;
use zeroize::Zeroizing;

use super::Senders;
use super::target::{Sent, Target, checked, encoded_whole, refused};

/// Google's server.
const SERVER: &str = "https://storage.googleapis.com";

/// One object.
#[derive(Debug)]
pub(super) struct Object {
    bucket: String,
    name: String,
    /// The server that stands for Google's, if the user has one.
    emulator: Option<String>,
}

impl Object {
    /// `emulator` is what `STORAGE_EMULATOR_HOST` says.
    pub(super) fn new(
        bucket: &str,
        name: String,
        emulator: Option<String>,
    ) -> Result<Self, String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if !(3..=222).contains(&bucket.len()) || !bucket.bytes().all(plain) {
            return Err(format!("{bucket:?} is not the name of a bucket"));
        }
        checked(bucket)?;
        checked(&name)?;
        Ok(Self { bucket: bucket.to_owned(), name, emulator })
    }

    fn url(&self) -> String {
        let server = match &self.emulator {
            Some(host) if host.contains("://") => host.trim_end_matches('/').to_owned(),
            // Without a scheme, as Google's libraries take it.
            Some(host) => format!("http://{}", host.trim_end_matches('/')),
            None => SERVER.to_owned(),
        };
        let (bucket, name) = (&self.bucket, encoded_whole(&self.name));
        format!("{server}/upload/storage/v1/b/{bucket}/o?uploadType=media&name={name}")
    }
}

impl Target for Object {
    fn shown(&self) -> String {
        format!("gcs://{}/{}", self.bucket, self.name)
    }

    fn send(&self, senders: &Senders, mut content: Zeroizing<Vec<u8>>) -> Result<Sent, KeyError> {
        let request = Request {
            method: "POST",
            url: self.url(),
            headers: vec![("content-type", "text/plain; charset=utf-8".to_owned())],
            body: std::mem::take(&mut *content),
        };
        let reply = match self.emulator {
            Some(_) => senders.google().send_to_emulator(request)?,
            None => senders.google().send(request)?,
        };
        match reply.status {
            200 => Ok(Sent::Written),
            404 => {
                Err(KeyError::new(format!("Google Cloud Storage has no bucket {}", self.bucket))
                    .with_hint("check gcs_bucket in the rule"))
            }
            status => {
                let right = "storage.objects.create and storage.objects.delete on this bucket";
                Err(refused("Google Cloud Storage", status, right))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_parameter_of_the_address() {
        let url = |name: &str, emulator: Option<&str>| {
            Object::new("my-bucket", name.into(), emulator.map(str::to_owned)).unwrap().url()
        };
        assert_eq!(
            url("pre/a b&x=?.yaml", None),
            "https://storage.googleapis.com/upload/storage/v1/b/my-bucket/o?uploadType=media&name=pre%2Fa%20b%26x%3D%3F.yaml"
        );
        for emulator in ["127.0.0.1:9000", "http://127.0.0.1:9000/"] {
            assert!(url("a", Some(emulator)).starts_with("http://127.0.0.1:9000/upload/"));
        }
        for bucket in ["", "a/../b", "..", "a?b", "a b"] {
            assert!(Object::new(bucket, "k".into(), None).is_err(), "{bucket}");
        }
    }
}

//! Amazon S3, and what speaks like it.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bulla_core::KeyError;
use bulla_keys::requests::{AwsPlace, Request};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::Senders;
use super::target::{Sent, Target, checked, encoded, refused};

/// One object.
#[derive(Debug)]
pub(super) struct Object {
    bucket: String,
    key: String,
}

impl Object {
    /// The bucket becomes part of a host's name, so it has to be one.
    pub(super) fn new(bucket: &str, key: String) -> Result<Self, String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if !(3..=255).contains(&bucket.len()) || !bucket.bytes().all(plain) || bucket.contains("..")
        {
            return Err(format!("{bucket:?} is not the name of a bucket"));
        }
        checked(&key)?;
        Ok(Self { bucket: bucket.to_owned(), key })
    }

    /// In the spelling of AWS's own clients: the bucket is part of the host's name
    /// where certificates and resolvers allow it.
    fn url(&self, place: &AwsPlace) -> Result<String, KeyError> {
        let base = match &place.endpoint {
            Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
            None => aws(place),
        };
        let misspelled = || {
            KeyError::new(format!("{base:?} is not the address of a server"))
                .with_hint("check AWS_REGION, AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL")
        };
        let (scheme, rest) = base.split_once("://").ok_or_else(misspelled)?;
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]_".contains(&byte);
        if !matches!(scheme, "https" | "http") || host.is_empty() || !host.bytes().all(plain) {
            return Err(misspelled());
        }
        let Self { bucket, key } = self;
        let key = encoded(key);
        Ok(match self.is_label(scheme) && !is_address(host) {
            true => format!("{scheme}://{bucket}.{host}{path}/{key}"),
            false => format!("{scheme}://{host}{path}/{bucket}/{key}"),
        })
    }

    /// Whether the bucket's name can stand in that of a host. The certificate of AWS is
    /// for one label, so with TLS there is no dot in it.
    fn is_label(&self, scheme: &str) -> bool {
        let plain = |byte: u8| {
            byte.is_ascii_lowercase()
                || byte.is_ascii_digit()
                || byte == b'-'
                || (byte == b'.' && scheme == "http")
        };
        let end = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        let bytes = self.bucket.as_bytes();
        bytes.len() <= 63
            && bytes.iter().copied().all(plain)
            && end(bytes.first().copied())
            && end(bytes.last().copied())
    }
}

/// The server of a region.
fn aws(place: &AwsPlace) -> String {
    let AwsPlace { region, fips, dual_stack, .. } = place;
    let fips = if *fips { "-fips" } else { "" };
    let dual_stack = if *dual_stack { ".dualstack" } else { "" };
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://s3{fips}{dual_stack}.{region}.{domain}")
}

/// Whether a host, perhaps with a port, is an address and not a name.
fn is_address(host: &str) -> bool {
    if host.starts_with('[') {
        return true;
    }
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name.parse::<IpAddr>().is_ok()
}

impl Target for Object {
    fn shown(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }

    fn send(&self, senders: &Senders, mut content: Zeroizing<Vec<u8>>) -> Result<Sent, KeyError> {
        // Buckets whose objects are locked want a checksum.
        let sum = STANDARD.encode(Sha256::digest(content.as_slice()));
        let reply = senders.aws().send(("S3", "s3"), |place| {
            Ok(Request {
                method: "PUT",
                url: self.url(place)?,
                headers: vec![
                    ("content-type", "application/octet-stream".to_owned()),
                    ("x-amz-checksum-sha256", sum),
                ],
                body: std::mem::take(&mut *content),
            })
        });
        let reply = reply.map_err(|error| match error.reason.contains("redirects") {
            true => error.with_hint("the bucket may be in another region; set AWS_REGION to that"),
            false => error,
        })?;
        match reply.status {
            200 => Ok(Sent::Written),
            404 => Err(KeyError::new(format!("S3 has no bucket {}", self.bucket))
                .with_hint("check s3_bucket in the rule, and AWS_REGION")),
            status => Err(refused("S3", status, "s3:PutObject on this bucket")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(bucket: &str, region: &str, endpoint: Option<&str>) -> String {
        let object = Object::new(bucket, "pre/a b+é.yaml".into()).unwrap();
        let endpoint = endpoint.map(str::to_owned);
        let region = region.to_owned();
        object.url(&AwsPlace { region, endpoint, fips: false, dual_stack: false }).unwrap()
    }

    #[test]
    fn an_object_is_where_the_clients_of_aws_put_it() {
        let key = "pre/a%20b%2B%C3%A9.yaml";
        let at = |bucket, endpoint| url(bucket, "eu-central-1", endpoint);
        let aws = "s3.eu-central-1.amazonaws.com";
        assert_eq!(at("my-bucket", None), format!("https://my-bucket.{aws}/{key}"));
        assert_eq!(at("my.bucket", None), format!("https://{aws}/my.bucket/{key}"));
        assert_eq!(at("My_Bucket", None), format!("https://{aws}/My_Bucket/{key}"));
        let china = url("my-bucket", "cn-north-1", None);
        assert_eq!(china, format!("https://my-bucket.s3.cn-north-1.amazonaws.com.cn/{key}"));
        let near = at("my-bucket", Some("http://127.0.0.1:9000/"));
        assert_eq!(near, format!("http://127.0.0.1:9000/my-bucket/{key}"));
        let near = at("my-bucket", Some("http://[::1]:9000"));
        assert_eq!(near, format!("http://[::1]:9000/my-bucket/{key}"));
        let named = at("my-bucket", Some("https://minio.example.com/s3"));
        assert_eq!(named, format!("https://my-bucket.minio.example.com/s3/{key}"));
    }

    #[test]
    fn a_rule_leads_to_no_other_host_or_bucket() {
        for bucket in
            ["", "ab", "a/b", "evil.com/x", "a@b.c", "a..b", "arn:aws:s3:::b", "a#b", "a b"]
        {
            assert!(Object::new(bucket, "k".into()).is_err(), "{bucket}");
        }
        for key in ["../other/k", "a/./k", "a\nb", "a/.."] {
            assert!(Object::new("bucket", key.into()).is_err(), "{key}");
        }
        for endpoint in ["ftp://x", "https://u@x", "x", "https://", "https://x?y", "http://a b"] {
            let place = AwsPlace {
                region: "r".into(),
                endpoint: Some(endpoint.into()),
                fips: false,
                dual_stack: false,
            };
            assert!(Object::new("bucket", "k".into()).unwrap().url(&place).is_err(), "{endpoint}");
        }
    }
}

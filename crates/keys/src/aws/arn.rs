//! What an ARN says about where to ask.

use bulla_core::KeyError;

/// The ARN of a key or an alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyArn<'a> {
    /// `eu-west-1`
    pub(super) region: &'a str,
}

impl<'a> KeyArn<'a> {
    /// The region becomes part of a host's name, and temporary credentials travel
    /// with each request: nothing in it may lead to another host.
    pub(super) fn parse(arn: &'a str) -> Result<Self, KeyError> {
        let parts: Vec<_> = arn.splitn(6, ':').collect();
        let word = |text: &str| {
            let plain =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            (2..=32).contains(&text.len())
                && text.bytes().all(plain)
                && !text.starts_with('-')
                && !text.ends_with('-')
        };
        match parts[..] {
            ["arn", partition, "kms", region, account, resource]
                if (partition == "aws" || partition.starts_with("aws-"))
                    && word(partition)
                    && word(region)
                    && account.bytes().all(|byte| byte.is_ascii_digit())
                    && (resource.starts_with("key/") || resource.starts_with("alias/"))
                    && resource.bytes().all(|byte| byte.is_ascii_graphic()) =>
            {
                Ok(Self { region })
            }
            _ => Err(KeyError::new("this is not the ARN of a key")
                .with_hint("it looks like arn:aws:kms:REGION:ACCOUNT:key/ID")),
        }
    }

    /// What messages call the service.
    pub(super) fn whom(&self) -> String {
        format!("AWS KMS in {}", self.region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_aliases_of_every_partition_have_a_region() {
        let region = |arn| KeyArn::parse(arn).map(|arn| arn.region).ok();
        assert_eq!(region("arn:aws:kms:eu-west-1:123456789012:key/1b4e"), Some("eu-west-1"));
        assert_eq!(region("arn:aws:kms:us-east-1:123456789012:alias/a/b"), Some("us-east-1"));
        assert_eq!(region("arn:aws-cn:kms:cn-north-1:123456789012:key/m"), Some("cn-north-1"));
        assert_eq!(region("arn:aws-us-gov:kms:us-gov-west-1:1:key/m"), Some("us-gov-west-1"));
    }

    #[test]
    fn a_region_leads_to_no_other_host() {
        for region in
            ["", "evil.net/", "evil.net", "a@b", "x#", "eu-west-1\r\nA", "EU-WEST-1", "-a", "a%2e"]
        {
            let arn = format!("arn:aws:kms:{region}:123456789012:key/1b4e");
            assert!(KeyArn::parse(&arn).is_err(), "{arn}");
        }
        assert!(KeyArn::parse("arn:awsx:kms:eu-west-1:123456789012:key/1b4e").is_err());
        assert!(KeyArn::parse("1b4e28ba-2fa1-11d2-883f-0016d3cca427").is_err());
    }
}

//! Private keys and key stores in DER, by the fields that they have.

use der::asn1::AnyRef;
use der::{Decode, Reader, SliceReader, Tag, Tagged};

use crate::finding::{Confidence, Rule};

/// How many fields of a sequence are looked at.
const FIELD_LIMIT: usize = 16;

/// What the bytes of a file, or of some base64, are when they are a key.
pub(crate) fn what(bytes: &[u8]) -> Option<(Rule, Confidence, &'static str)> {
    // The magic of JKS or JCEKS, and the version.
    if let [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 1 | 2, ..]
    | [0xce, 0xce, 0xce, 0xce, 0, 0, 0, 1 | 2, ..] = bytes
    {
        let why = "a Java key store, locked by a password that can be guessed at leisure";
        return Some((Rule::LockedKey, Confidence::Policy, why));
    }
    let fields = sequence(bytes)?;
    let tags: Vec<_> = fields.iter().map(|field| field.tag()).collect();
    match tags.as_slice() {
        [Tag::Integer, Tag::Sequence, Tag::OctetString, ..] if is_algorithm(&fields[1]) => {
            Some((Rule::DerKey, Confidence::Proof, "a private key in DER (PKCS#8)"))
        }
        [Tag::Integer, rest @ ..]
            if rest.len() == 8 && rest.iter().all(|tag| *tag == Tag::Integer) =>
        {
            Some((Rule::DerKey, Confidence::Proof, "an RSA private key in DER (PKCS#1)"))
        }
        [Tag::Integer, Tag::OctetString, rest @ ..]
            if !rest.is_empty()
                && rest.iter().all(|tag| matches!(tag, Tag::ContextSpecific { .. }))
                && (28..=66).contains(&fields[1].value().len()) =>
        {
            Some((Rule::DerKey, Confidence::Proof, "an elliptic curve private key in DER (SEC1)"))
        }
        [Tag::Sequence, Tag::OctetString] if is_algorithm(&fields[0]) => {
            let why = "a private key in DER, locked by a password that can be guessed at leisure";
            Some((Rule::LockedKey, Confidence::Policy, why))
        }
        [Tag::Integer, Tag::Sequence, Tag::Sequence] | [Tag::Integer, Tag::Sequence]
            if fields[0].value() == [3] && is_algorithm(&fields[1]) =>
        {
            let why = "a key store (PKCS#12), locked by a password that can be guessed at leisure";
            Some((Rule::LockedKey, Confidence::Policy, why))
        }
        _ => None,
    }
}

/// The fields of a sequence that is all that there is.
fn sequence(bytes: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let all = AnyRef::from_der(bytes).ok().filter(|all| all.tag() == Tag::Sequence)?;
    fields(all.value())
}

fn fields(bytes: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let mut fields = Vec::new();
    while !reader.is_finished() {
        if fields.len() >= FIELD_LIMIT {
            return None;
        }
        fields.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(fields)
}

/// A sequence that begins with the name of something.
fn is_algorithm(field: &AnyRef<'_>) -> bool {
    fields(field.value()).is_some_and(|fields| {
        fields.first().is_some_and(|first| first.tag() == Tag::ObjectIdentifier)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
        let length = u8::try_from(value.len()).unwrap();
        let head = if length < 128 { vec![tag, length] } else { vec![tag, 0x81, length] };
        [head, value.to_vec()].concat()
    }

    fn algorithm() -> Vec<u8> {
        tlv(0x30, &tlv(0x06, &[0x2b, 0x65, 0x70]))
    }

    fn rule(bytes: &[u8]) -> Option<Rule> {
        what(bytes).map(|(rule, ..)| rule)
    }

    #[test]
    fn keys_are_known_by_their_fields() {
        let octets = tlv(0x04, &[7; 34]);
        let pkcs8 = tlv(0x30, &[tlv(2, &[0]), algorithm(), octets.clone()].concat());
        let pkcs1 = tlv(0x30, &[tlv(2, &[0]), tlv(2, &[9; 8]).repeat(8)].concat());
        let sec1 =
            tlv(0x30, &[tlv(2, &[1]), tlv(4, &[7; 32]), tlv(0xa0, &tlv(6, &[0x2b]))].concat());
        for key in [&pkcs8, &pkcs1, &sec1] {
            assert_eq!(rule(key), Some(Rule::DerKey));
            assert_eq!(rule(&key[..key.len() - 1]), None);
            assert_eq!(rule(&[&key[..], &[0]].concat()), None);
        }
        assert_eq!(rule(&tlv(0x30, &[algorithm(), octets].concat())), Some(Rule::LockedKey));
        let store = tlv(0x30, &[tlv(2, &[3]), algorithm()].concat());
        assert_eq!(rule(&store), Some(Rule::LockedKey));
        assert_eq!(rule(&[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2]), Some(Rule::LockedKey));
    }

    #[test]
    fn certificates_and_public_keys_pass() {
        let public = tlv(0x30, &[algorithm(), tlv(3, &[0; 33])].concat());
        let certificate =
            tlv(0x30, &[tlv(0x30, &tlv(2, &[1])), algorithm(), tlv(3, &[0; 65])].concat());
        let rsa_public = tlv(0x30, &[tlv(2, &[9; 64]), tlv(2, &[1, 0, 1])].concat());
        for key in [public, certificate, rsa_public, vec![], vec![0x30]] {
            assert_eq!(rule(&key), None);
        }
    }
}

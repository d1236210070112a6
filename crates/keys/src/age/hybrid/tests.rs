use age::{Identity as _, Recipient as _};
use serde_json::Value;

use super::*;

/// The vectors of draft-connolly-cfrg-xwing-kem.
const VECTORS: &str = include_str!("../../../../../fixtures/vectors/x-wing.json");

/// A key that Go's age-keygen 1.3.2 made for this test, and what Go's age sealed for it.
const GO_KEY: &str = include_str!("../../../../../fixtures/keys/age-hybrid.txt");
const GO_FILE: &str = include_str!("../../../../../fixtures/vectors/age-hybrid.age");

/// Randomness that is known beforehand.
struct Known(Vec<u8>);

impl RngCore for Known {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        out.copy_from_slice(&self.0.drain(..out.len()).collect::<Vec<_>>());
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(out);
        Ok(())
    }
}

impl CryptoRng for Known {}

#[test]
fn keys_and_ciphertexts_are_those_of_the_draft() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        let bytes = |name: &str| hex::decode(vector[name].as_str().unwrap()).unwrap();
        let secret = PrivateKey::from_bytes(&bytes("seed")).unwrap();
        let public = XWing::sk_to_pk(&secret);
        assert_eq!(public.to_bytes().to_vec(), bytes("pk"));
        assert_eq!(PublicKey::from_bytes(&bytes("pk")).unwrap(), public);

        let (shared, ciphertext) = XWing::encap(&public, None, &mut Known(bytes("eseed"))).unwrap();
        assert_eq!(ciphertext.to_bytes().to_vec(), bytes("ct"));
        assert_eq!(shared.0.to_vec(), bytes("ss"));
        let read = Ciphertext::from_bytes(&bytes("ct")).unwrap();
        assert_eq!(XWing::decap(&secret, None, &read).unwrap().0.to_vec(), bytes("ss"));
    }
}

#[test]
fn a_key_and_a_file_of_gos_age_are_read() {
    let line = |prefix: &str| GO_KEY.lines().find_map(|line| line.strip_prefix(prefix)).unwrap();
    let recipient = line("# public key: ");
    let text = format!("AGE-SECRET-KEY-PQ-{}", line("AGE-SECRET-KEY-PQ-"));
    let identity: Identity = text.parse().unwrap();
    assert_eq!(identity.to_text().expose_secret(), text);
    assert_eq!(identity.to_public().to_string(), recipient);
    assert_eq!(recipient.parse::<Recipient>().unwrap().to_string(), recipient);
    assert_eq!(age::decrypt(&identity, GO_FILE.as_bytes()).unwrap(), b"sealed by Go's age\n");
}

#[test]
fn a_stanza_is_opened_by_its_identity_alone() {
    let (identity, other) = (Identity::generate(), Identity::generate());
    let file_key = FileKey::new(Box::new([7; FILE_KEY_BYTES]));
    let (stanzas, labels) = identity.to_public().wrap_file_key(&file_key).unwrap();
    assert_eq!(labels.into_iter().collect::<Vec<_>>(), ["postquantum"]);
    let opened = identity.unwrap_stanzas(&stanzas).unwrap().unwrap();
    assert_eq!(opened.expose_secret(), &[7; FILE_KEY_BYTES]);
    assert!(other.unwrap_stanzas(&stanzas).is_none());
}

#[test]
fn a_stanza_that_is_none_is_an_error() {
    let identity = Identity::generate();
    let file_key = FileKey::new(Box::new([7; FILE_KEY_BYTES]));
    let (stanzas, _) = identity.to_public().wrap_file_key(&file_key).unwrap();
    let damages: [fn(&mut Stanza); 4] = [
        |stanza| stanza.args.clear(),
        |stanza| stanza.args.push("more".into()),
        |stanza| stanza.args[0].truncate(40),
        |stanza| stanza.body.push(0),
    ];
    for damage in damages {
        let Stanza { tag, args, body } = &stanzas[0];
        let mut stanza = Stanza { tag: tag.clone(), args: args.clone(), body: body.clone() };
        damage(&mut stanza);
        let result = identity.unwrap_stanza(&stanza);
        assert!(matches!(result, Some(Err(DecryptError::InvalidHeader))));
    }
}

#[test]
fn texts_that_are_no_keys_are_refused() {
    let identity = Identity::generate();
    let recipient = identity.to_public().to_string();
    let mut typo = recipient.clone();
    typo.pop();
    assert!(typo.parse::<Recipient>().is_err());
    assert!(recipient.parse::<Identity>().is_err());
    assert!(identity.to_text().expose_secret().parse::<Recipient>().is_err());
    for length in [0, 31, 33, 1215, 1217, 4000] {
        assert!(bech32_encode(RECIPIENT, &vec![0; length]).parse::<Recipient>().is_err());
    }
    // 0xfff is no number below 3329.
    let unreduced = bech32_encode(RECIPIENT, &[0xff; 1216]);
    assert!(unreduced.parse::<Recipient>().is_err());
}

#[test]
fn a_point_of_low_order_is_no_recipient() {
    let identity = Identity::generate();
    let mut bytes = identity.to_public().0.to_bytes().to_vec();
    for point in [0, 1] {
        bytes[1184..].fill(0);
        bytes[1184] = point;
        assert!(bech32_encode(RECIPIENT, &bytes).parse::<Recipient>().is_err());
    }
}

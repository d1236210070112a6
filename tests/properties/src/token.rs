//! `ENC[…]`: what is read is printed as it stood and opens with no key but its own; what
//! is sealed comes back, at its own place and nowhere else.

use bulla_core::{Cipher, DataKey, SealedValue, ValueType};

const KINDS: [ValueType; 7] = [
    ValueType::Str,
    ValueType::Int,
    ValueType::Float,
    ValueType::Bool,
    ValueType::Bytes,
    ValueType::Time,
    ValueType::Comment,
];

pub(crate) fn check(bytes: &[u8]) {
    // No seed was sealed with this one.
    let key = DataKey::from_bytes(&[7; 32]).expect("32 bytes are a key");
    let cipher = Cipher::new(key);
    if let Ok(text) = str::from_utf8(bytes)
        && let Ok(sealed) = SealedValue::parse(text)
    {
        assert_eq!(sealed.print(), text);
        assert!(cipher.open_value(sealed, "a:").is_err(), "opened {text}");
    }
    for kind in KINDS {
        let sealed = cipher.seal(bytes, "a:", kind).expect("there is randomness");
        let read = SealedValue::parse(&sealed.print());
        assert_eq!(read.as_ref(), Ok(&sealed));
        let opened = cipher.open(sealed.clone(), "a:").expect("it is as it was sealed");
        assert_eq!(*opened, bytes);
        assert!(cipher.open(sealed.clone(), "b:").is_err());
        // A plaintext may contradict its type; one that does not says the same again.
        if let Ok(value) = cipher.open_value(sealed, "a:") {
            let again = cipher.seal(&value.wire_bytes(), "a:", kind).expect("there is randomness");
            assert_eq!(cipher.open_value(again, "a:").ok(), Some(value));
        }
    }
}

//! Who is asked, in which order, and who is not.

use std::thread;

use bulla_core::{DataKey, Error, KeyErrorKind, Keyring};

use crate::service::{NOW, Service, age, gcp, metadata, pgp};

#[test]
fn keys_are_tried_in_the_order_of_sops_or_that_of_the_user() {
    let keys = vec![gcp("cloud"), pgp("gpg"), gcp("cloud 2"), age("age")];
    let file = metadata(&[keys], None);
    let nothing =
        || Service { lacks: ["cloud", "gpg", "cloud 2", "age"].into(), ..Service::default() };
    let service = nothing();
    assert!(service.keyring().unwrap(&file).is_err());
    assert_eq!(service.asked(), ["age", "gpg", "cloud", "cloud 2"]);
    let service = nothing();
    let keyring = service.keyring().in_order("gcp_kms,pgp".parse().unwrap());
    assert!(keyring.unwrap(&file).is_err());
    assert_eq!(service.asked(), ["cloud", "cloud 2", "gpg", "age"]);
}

#[test]
fn a_blob_that_was_opened_is_not_asked_for_again() {
    let (one, other) = (metadata(&[vec![gcp("a")]], None), metadata(&[vec![gcp("b")]], None));
    let service = Service::default();
    let keyring = service.keyring();
    for _ in 0..3 {
        assert_eq!(keyring.unwrap(&one).unwrap().expose(), &[7; 32]);
    }
    assert_eq!(service.asked(), ["a"]);
    assert_eq!(keyring.unwrap(&other).unwrap().expose(), &[7; 32]);
    assert_eq!(service.asked(), ["b"], "the same blob of another key is another one");

    let keyring = service.keyring().forgetful();
    for _ in 0..3 {
        keyring.unwrap(&one).unwrap();
    }
    assert_eq!(service.asked(), ["a", "a", "a"]);
}

#[test]
fn a_key_that_was_denied_is_not_asked_for_the_next_file() {
    for (kind, asked) in
        [(KeyErrorKind::Denied, 1), (KeyErrorKind::Retryable, 3), (KeyErrorKind::Failed, 3)]
    {
        let service = Service { fails: vec![("cloud", kind)], ..Service::default() };
        let keyring = service.keyring();
        for _ in 0..3 {
            let file = metadata(&[vec![gcp("cloud")]], None);
            let error = keyring.unwrap(&file).err().unwrap();
            let Error::NoKey { attempts, missing: None } = error else { panic!("{error}") };
            assert_eq!(attempts[0].errors[0].reason, "cloud fails");
            assert_eq!(attempts[0].errors[0].kind, kind);
            assert_eq!(attempts[0].tried, ["the place of cloud"]);
        }
        assert_eq!(service.asked().len(), asked, "{kind:?}");
    }
    let service = Service { fails: vec![("cloud", KeyErrorKind::Denied)], ..Service::default() };
    let keyring = service.keyring().forgetful();
    for _ in 0..3 {
        assert!(keyring.unwrap(&metadata(&[vec![gcp("cloud")]], None)).is_err());
    }
    assert_eq!(service.asked().len(), 3);
}

#[test]
fn a_service_that_fails_does_not_stop_the_next_one() {
    let first = Service { fails: vec![("cloud", KeyErrorKind::Failed)], ..Service::default() };
    let second = Service::default();
    let keyring = Keyring::new().with(&first).with(&second);
    let groups = [vec![gcp("cloud")]];
    let key = DataKey::from_bytes(&[7; 32]).unwrap();
    assert_eq!(keyring.wrap(&groups, None, &key, NOW).unwrap()[0].len(), 1);
    assert_eq!(keyring.unwrap(&metadata(&groups, None)).unwrap().expose(), &[7; 32]);
    assert_eq!((first.asked().len(), second.asked().len()), (1, 1));

    let both = Keyring::new().with(&first).with(&first);
    let error = both.wrap(&groups, None, &key, NOW).unwrap_err().to_string();
    assert_eq!(error, "cannot seal for cloud: cloud fails; cloud fails");
    let Err(Error::NoKey { attempts, .. }) = both.unwrap(&metadata(&groups, None)) else {
        panic!("nobody has this key")
    };
    assert_eq!(attempts[0].errors.len(), 2);
}

#[test]
fn age_is_wrapped_on_the_calling_thread_and_all_others_beside_it() {
    let key = DataKey::from_bytes(&[7; 32]).unwrap();
    let here = thread::current().id();
    let wrapped = |groups: &[Vec<_>]| {
        let service = Service::default();
        let wrapped = service.keyring().wrap(groups, None, &key, NOW).unwrap();
        let names: Vec<Vec<_>> = wrapped
            .iter()
            .map(|group| group.iter().map(|wrapped| wrapped.key.to_string()).collect())
            .collect();
        let dated = wrapped.iter().flatten().map(|wrapped| wrapped.created_at.is_some()).collect();
        (names, dated, service.wrapped.into_inner().unwrap())
    };
    let (_, _, calls) = wrapped(&[vec![age("a"), age("b"), age("c")]]);
    assert!(calls.iter().all(|(_, thread)| *thread == here));
    let (_, _, calls) = wrapped(&[vec![age("a"), gcp("b")]]);
    assert!(calls.iter().all(|(_, thread)| *thread == here), "one call is nothing to wait beside");

    let (names, dated, calls): (_, Vec<bool>, _) =
        wrapped(&[vec![gcp("1"), age("2"), gcp("3")], vec![age("4"), pgp("5")]]);
    assert_eq!(names, [vec!["1", "2", "3"], vec!["4", "5"]], "the order is that of the recipe");
    assert_eq!(dated, [true, false, true, false, true]);
    let calls = calls.iter().filter(|(name, _)| ["2", "4"].contains(&name.as_str()));
    assert_eq!(calls.filter(|(_, thread)| *thread == here).count(), 2);
}

#[test]
fn a_wrong_recipient_is_found_before_anybody_else_is_asked() {
    let service = Service { fails: vec![("typo", KeyErrorKind::Failed)], ..Service::default() };
    let key = DataKey::from_bytes(&[7; 32]).unwrap();
    let groups = [vec![gcp("cloud"), age("typo")]];
    let error = service.keyring().wrap(&groups, None, &key, NOW).unwrap_err().to_string();
    assert_eq!(error, "cannot seal for typo: typo fails");
    assert_eq!(service.wrapped.into_inner().unwrap().len(), 1);
}

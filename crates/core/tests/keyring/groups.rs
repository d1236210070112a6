//! Data keys that are split over groups.

use bulla_core::{
    DataKey, Error, Format, Keyring, MasterKey, Metadata, Missing, Recipe, open, reseal, seal,
};

use crate::service::{NOW, Service, age, clear, gcp, metadata, pgp};

fn three() -> Vec<Vec<MasterKey>> {
    vec![vec![age("a1"), gcp("a2")], vec![pgp("b")], vec![gcp("c")]]
}

/// What is said to somebody who has these keys only.
fn missing(file: &Metadata, lacks: &[&'static str]) -> (Vec<String>, Missing, String) {
    let service = Service { lacks: lacks.iter().copied().collect(), ..Service::default() };
    let error = service.keyring().unwrap(file).err().expect("a group is missing");
    let text = error.to_string();
    let Error::NoKey { attempts, missing: Some(missing) } = error else { panic!("{error}") };
    let tried = attempts.iter().map(|attempt| format!("{} {}", attempt.group, attempt.key));
    (tried.collect(), missing, text)
}

#[test]
fn any_two_of_three_groups_open_a_file_and_one_does_not() {
    let file = metadata(&three(), Some(2));
    for lacks in [vec![], vec!["b"], vec!["c"], vec!["a1"], vec!["a1", "a2"], vec!["a2", "c"]] {
        let service = Service { lacks: lacks.iter().copied().collect(), ..Service::default() };
        assert_eq!(service.keyring().unwrap(&file).unwrap().expose(), &[7; 32], "{lacks:?}");
    }
    let (tried, missing, text) = missing(&file, &["b", "c"]);
    assert_eq!(tried, ["1 b", "2 c"], "of the group that was opened nothing is said");
    assert_eq!(missing, Missing { needed: 2, open: vec![true, false, false] });
    assert_eq!(missing.groups().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(
        text,
        "2 of the 3 key groups of this file are needed to open it, and only 1 could be opened"
    );
}

#[test]
fn without_a_threshold_all_groups_are_needed() {
    let file = metadata(&three(), None);
    let keyring = Service::default();
    assert_eq!(keyring.keyring().unwrap(&file).unwrap().expose(), &[7; 32]);
    let (tried, missing, text) = missing(&file, &["a1", "a2", "b", "c"]);
    assert_eq!(tried, ["0 a1", "1 b", "0 a2", "2 c"]);
    assert_eq!((missing.needed, missing.opened()), (3, 0));
    assert!(text.ends_with("needed to open it, and none could be opened"), "{text}");
}

#[test]
fn nobody_is_asked_once_the_threshold_is_met() {
    let file = metadata(&three(), Some(2));
    let service = Service::default();
    service.keyring().unwrap(&file).unwrap();
    assert_eq!(service.asked(), ["a1", "b"], "the cheapest of all groups, one of each");
    let keyring = service.keyring().in_order("gcp_kms".parse().unwrap());
    keyring.unwrap(&file).unwrap();
    assert_eq!(service.asked(), ["a2", "c"]);
}

#[test]
fn what_is_no_share_or_a_share_twice_opens_no_group() {
    let broken = |change: &dyn Fn(&mut Metadata)| {
        let mut file = metadata(&three(), Some(2));
        file.groups.truncate(2);
        change(&mut file);
        let error = Service::default().keyring().unwrap(&file).err().unwrap();
        let Error::NoKey { mut attempts, missing: Some(missing) } = error else { panic!() };
        assert_eq!(missing.open, [true, false]);
        attempts.remove(0).errors.remove(0).reason
    };
    let twice = broken(&|file| file.groups[1][0].enc = file.groups[0][0].enc.clone());
    assert_eq!(twice, "what it opens is the share of another group");
    for length in [0, 1, 32, 34, 64] {
        let reason = broken(&|file| file.groups[1][0].enc = clear(&vec![9; length.max(1)]));
        assert_eq!(reason, "what it opens is not a share of 33 bytes", "{length}");
    }
    // At 0 there is the key itself.
    let reason = broken(&|file| file.groups[1][0].enc = clear(&[0; 33]));
    assert_eq!(reason, "what it opens is not a share of 33 bytes");
}

#[test]
fn a_damaged_share_is_made_up_for_by_another_key_of_its_group() {
    let mut file = metadata(&[vec![age("a"), age("b")], vec![age("c")]], None);
    file.groups[0][0].enc = clear(&[9; 12]);
    let service = Service::default();
    assert_eq!(service.keyring().unwrap(&file).unwrap().expose(), &[7; 32]);
}

#[test]
fn a_whole_key_is_not_taken_for_a_share_nor_a_share_for_a_key() {
    let mut file = metadata(&three(), None);
    let share = file.groups[0][0].enc.clone();
    file.groups.truncate(1);
    file.groups[0].truncate(1);
    file.groups[0][0].enc = share;
    let error = Service::default().keyring().unwrap(&file).err().unwrap();
    let Error::NoKey { attempts, missing: None } = error else { panic!() };
    assert_eq!(attempts[0].errors[0].reason, "what it opens is not a data key of 32 bytes");
}

#[test]
fn one_key_may_be_in_two_groups() {
    let file = metadata(&[vec![age("a")], vec![age("a"), age("b")], vec![age("c")]], Some(2));
    let service = Service { lacks: ["b", "c"].into(), ..Service::default() };
    assert_eq!(service.keyring().unwrap(&file).unwrap().expose(), &[7; 32]);
}

#[test]
fn groups_that_cannot_meet_their_threshold_are_not_sealed_for() {
    let key = DataKey::from_bytes(&[7; 32]).unwrap();
    let wrap = |groups: &[Vec<MasterKey>], threshold| {
        let error = Service::default().keyring().wrap(groups, threshold, &key, NOW).unwrap_err();
        error.to_string()
    };
    let two = [vec![age("a")], vec![age("b")]];
    for (threshold, expected) in [
        (0, "the threshold must be at least 1; without it, all key groups are needed"),
        (1, "the threshold cannot be 1 for 2 key groups; put their keys into one group"),
        (3, "the threshold is 3, but there are 2 key groups; lower it or add groups"),
    ] {
        assert_eq!(wrap(&two, Some(threshold)), expected);
    }
    assert_eq!(
        wrap(&[vec![age("a")], vec![]], None),
        "key group 2 has no key; name one, or remove the group"
    );
    let many = vec![vec![age("a")]; 256];
    assert_eq!(wrap(&many, Some(2)), "there are 256 key groups, and 255 is the most");
    assert_eq!(Keyring::new().wrap(&[], None, &key, NOW).unwrap_err(), Error::NoRecipients);
}

#[test]
fn a_file_whose_threshold_fits_no_groups_is_damaged() {
    let file = serde_json::json!({
        "key_groups": [{"age": [{"recipient": "a", "enc": "x"}]}, {"pgp": [{"fp": "b", "enc": "x"}]}],
        "version": "3.13.1",
    });
    let read = |threshold: serde_json::Value| {
        let mut file = file.clone();
        file["shamir_threshold"] = threshold;
        Metadata::from_json(&file).map(|metadata| metadata.needed())
    };
    assert_eq!(read(2.into()), Ok(2));
    assert_eq!(read(0.into()), Ok(2));
    assert_eq!(read("2".into()), Ok(2));
    for threshold in [1, 3, 1 << 30] {
        let error = read(threshold.into()).unwrap_err();
        assert_eq!(error, "shamir_threshold does not fit the 2 key groups");
    }
    let mut many = file.clone();
    many["key_groups"] = vec![file["key_groups"][0].clone(); 256].into();
    many["shamir_threshold"] = 2.into();
    assert_eq!(
        Metadata::from_json(&many).unwrap_err(),
        "it has 256 key groups, and 255 is the most"
    );
}

#[test]
fn sealing_again_keeps_the_shares_until_a_group_changes() {
    let service = Service::default();
    let recipe =
        |groups: Vec<Vec<MasterKey>>, threshold| Recipe { groups, threshold, ..Recipe::default() };
    let text = "stringData:\n  a: one\n  b: two\n";
    let seal_again = |text: &str, before: &str, recipe: &Recipe| {
        reseal(text, before, Format::Yaml, recipe, &service.keyring(), NOW).unwrap().text
    };
    let two_of_three = recipe(three(), Some(2));
    let first = seal(text, Format::Yaml, &two_of_three, &service.keyring(), NOW).unwrap().text;
    assert!(first.contains("\n    shamir_threshold: 2\n"), "{first}");
    let line = |text: &str, start: &str| {
        text.lines().find(|line| line.trim_start().starts_with(start)).unwrap().to_owned()
    };
    let shares = |text: &str| {
        text.lines().filter(|line| line.contains("enc:")).map(str::to_owned).collect::<Vec<_>>()
    };

    assert_eq!(seal_again(text, &first, &two_of_three), first);
    let edited = text.replace("two", "2nd");
    let again = seal_again(&edited, &first, &two_of_three);
    assert_eq!(shares(&again), shares(&first));
    assert_eq!(line(&again, "a: "), line(&first, "a: "));
    assert_ne!(line(&again, "b: "), line(&first, "b: "));

    let mut grown = three();
    grown[1].push(age("new"));
    let mut shrunk = three();
    shrunk[0].pop();
    for changed in [
        recipe(grown, Some(2)),
        recipe(shrunk, Some(2)),
        recipe(three(), None),
        recipe(vec![three().concat()], None),
    ] {
        let fresh = seal_again(text, &first, &changed);
        assert_ne!(line(&fresh, "a: "), line(&first, "a: "), "a fresh data key");
        let count: usize = changed.groups.iter().map(Vec::len).sum();
        assert_eq!(shares(&fresh).len(), count);
        assert!(shares(&fresh).iter().all(|share| !shares(&first).contains(share)));
        assert_eq!(*open(&fresh, Format::Yaml, &service.keyring(), false).unwrap().text, text);
    }

    // All of three is the same, said or not.
    let all = seal(text, Format::Yaml, &recipe(three(), None), &service.keyring(), NOW).unwrap();
    assert!(all.text.contains("\n    shamir_threshold: 3\n"));
    assert_eq!(seal_again(text, &all.text, &recipe(three(), Some(3))), all.text);
}

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use proptest::prelude::*;
use vsss_rs::Gf256;

use super::*;

fn key(bytes: [u8; DATA_KEY_LENGTH]) -> DataKey {
    DataKey::from_bytes(&bytes).unwrap()
}

fn bytes(share: &Share) -> Vec<u8> {
    share.to_secret().expose_secret().to_vec()
}

fn key_of(shares: &[Share]) -> [u8; DATA_KEY_LENGTH] {
    *combine(shares).expose()
}

/// The other implementation has x in front.
fn x_first(share: &Share) -> Vec<u8> {
    let mut bytes = bytes(share);
    bytes.rotate_right(1);
    bytes
}

/// A number of groups, a threshold that they can meet, and the groups in some order.
fn groups() -> impl Strategy<Value = (u8, u8, Vec<usize>)> {
    (2_u8..=255).prop_flat_map(|groups| {
        let order: Vec<usize> = (0..usize::from(groups)).collect();
        (Just(groups), 2..=groups.min(12), Just(order).prop_shuffle())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn as_many_shares_as_the_threshold_says_give_the_key(
        secret: [u8; 32],
        (groups, threshold, order) in groups(),
    ) {
        let shares = split(&key(secret), groups, threshold).unwrap();
        prop_assert_eq!(shares.len(), usize::from(groups));
        let some = |count: u8| -> Vec<Share> {
            order[..usize::from(count)]
                .iter()
                .map(|&index| Share::from_bytes(&bytes(&shares[index])).unwrap())
                .collect()
        };
        prop_assert_eq!(key_of(&some(threshold)), secret);
        // More do no harm, fewer do not help.
        prop_assert_eq!(key_of(&some(threshold.saturating_add(1).min(groups))), secret);
        prop_assert_ne!(key_of(&some(threshold - 1)), secret);
    }

    #[test]
    fn the_other_implementation_reads_our_shares(
        secret: [u8; 32],
        (groups, threshold, order) in groups(),
    ) {
        let shares = split(&key(secret), groups, threshold).unwrap();
        let some: Vec<_> =
            order[..usize::from(threshold)].iter().map(|&index| x_first(&shares[index])).collect();
        prop_assert_eq!(Gf256::combine_bytes(&some).unwrap(), secret);
    }

    #[test]
    fn we_read_the_shares_of_the_other_implementation(
        secret: [u8; 32],
        (groups, threshold) in (2_usize..=20).prop_flat_map(|n| (Just(n), 2..=n)),
    ) {
        let theirs =
            Gf256::split_bytes(threshold, groups, secret, UnwrapErr(SysRng)).unwrap();
        let ours: Vec<Share> = theirs[groups - threshold..]
            .iter()
            .map(|share| {
                let mut share = share.clone();
                share.rotate_left(1);
                Share::from_bytes(&share).unwrap()
            })
            .collect();
        prop_assert_eq!(key_of(&ours), secret);
    }

    #[test]
    fn what_is_no_share_is_not_taken_for_one(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let is_share = bytes.len() == SHARE_LENGTH && bytes.last() != Some(&0);
        prop_assert_eq!(Share::from_bytes(&bytes).is_some(), is_share);
    }
}

#[test]
fn the_field_is_that_of_aes() {
    // FIPS 197, 4.2: {57} · {83} = {c1}, {57} · {13} = {fe}.
    assert_eq!(multiply(0x57, 0x83), 0xC1);
    assert_eq!(multiply(0x57, 0x13), 0xFE);
    assert!((1..=255).all(|a| multiply(a, invert(a)) == 1));
    assert_eq!(invert(0), 0);
}

#[test]
fn shares_are_numbered_from_one_and_the_number_is_last() {
    let shares = split(&key([7; 32]), 3, 2).unwrap();
    let numbers: Vec<_> = shares.iter().map(|share| *bytes(share).last().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert!(shares.iter().all(|share| bytes(share).len() == SHARE_LENGTH));
}

#[test]
fn two_shares_of_one_group_are_seen_to_be() {
    let shares = split(&key([7; 32]), 3, 2).unwrap();
    let again = Share::from_bytes(&bytes(&shares[0])).unwrap();
    assert!(again.stands_for(&shares[0]) && !again.stands_for(&shares[1]));
}

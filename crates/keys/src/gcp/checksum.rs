//! The checksum that Cloud KMS sends along, and wants.

/// CRC-32C, as the number that the API has for it. For some dozens of bytes: one bit
/// after the other is fast enough.
pub(super) fn crc32c(bytes: &[u8]) -> i64 {
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ if sum & 1 == 1 { 0x82f6_3b78 } else { 0 }
        })
    });
    i64::from(!sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_algorithm_is_met() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(b""), 0);
    }
}

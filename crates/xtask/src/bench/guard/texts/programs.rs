//! Pages, programs, and what their tools write down.

use fastrand::Rng;

use super::{BASE64, name, push, run, sentence, word};

/// A page of documentation.
pub(in crate::bench::guard) fn page(rng: &mut Rng) -> String {
    let mut out = format!("# {}\n\n", sentence(rng));
    for _ in 0..rng.usize(4..40) {
        match rng.u8(0..6) {
            0 => push(&mut out, format_args!("## {}\n\n", sentence(rng))),
            1 => push(
                &mut out,
                format_args!(
                    "```yaml\n{}:\n  {}: {}\n  {}: ${{{}}}\n```\n\n",
                    word(rng),
                    word(rng),
                    rng.u16(..),
                    word(rng),
                    word(rng).to_uppercase(),
                ),
            ),
            2 => push(
                &mut out,
                format_args!(
                    "See [{}](https://docs.example.org/{}/{}#{}) and `{}`.\n\n",
                    sentence(rng),
                    word(rng),
                    word(rng),
                    word(rng),
                    name(rng),
                ),
            ),
            _ => {
                for _ in 0..rng.usize(2..10) {
                    push(&mut out, format_args!("{}.\n", sentence(rng)));
                }
                out.push('\n');
            }
        }
    }
    out
}

/// A program in Go.
pub(in crate::bench::guard) fn program(rng: &mut Rng) -> String {
    let mut out = format!(
        "package {}\n\nimport (\n\t\"context\"\n\t\"fmt\"\n\n\t\"example.org/{}/{}\"\n)\n",
        word(rng),
        word(rng),
        word(rng),
    );
    for _ in 0..rng.usize(5..60) {
        let (one, other, third) = (word(rng), word(rng), word(rng));
        push(
            &mut out,
            format_args!(
                "\n// {one}{other} {}.\nfunc (c *{third}) {one}{other}(ctx context.Context, {third} string, keys map[string][]byte) error {{\n\
             \t{other}, err := c.{one}.Get(ctx, {third})\n\tif err != nil {{\n\t\treturn fmt.Errorf(\"{}: %w\", err)\n\t}}\n\
             \tfor _, {one} := range {other}.Items {{\n\t\tif token := keys[{one}.Name]; len(token) > {} {{\n\
             \t\t\tc.log.Info(\"{}\", \"{other}\", {one}.Name)\n\t\t}}\n\t}}\n\treturn nil\n}}\n",
                sentence(rng),
                sentence(rng),
                rng.u8(..),
                sentence(rng),
            ),
        );
    }
    out
}

/// A script.
pub(in crate::bench::guard) fn script(rng: &mut Rng) -> String {
    let mut out = "#!/usr/bin/env bash\nset -euo pipefail\n\n".to_owned();
    for _ in 0..rng.usize(5..80) {
        let (one, other) = (word(rng), word(rng));
        match rng.u8(0..6) {
            0 => push(&mut out, format_args!("# {}\n", sentence(rng))),
            1 => push(
                &mut out,
                format_args!(
                    "curl -fsSL -H \"Authorization: Bearer ${{{}_TOKEN}}\" \"https://{one}.example.org/{other}\" | jq -r '.{one}'\n",
                    one.to_uppercase(),
                ),
            ),
            2 => push(
                &mut out,
                format_args!(
                    "cat > /tmp/{one}.yaml <<EOF\n{one}:\n  {other}: $({other} {one})\nEOF\n"
                ),
            ),
            3 => push(
                &mut out,
                format_args!(
                    "{}=\"$(kubectl get secret {one} -o jsonpath='{{.data.{other}}}' | base64 -d)\"\n",
                    one.to_uppercase()
                ),
            ),
            _ => push(
                &mut out,
                format_args!(
                    "if [[ -z \"${{{}:-}}\" ]]; then echo \"{}\" >&2; exit 1; fi\n",
                    other.to_uppercase(),
                    sentence(rng)
                ),
            ),
        }
    }
    out
}

/// Infrastructure in HCL.
pub(in crate::bench::guard) fn infrastructure(rng: &mut Rng) -> String {
    let mut out = String::new();
    for _ in 0..rng.usize(4..40) {
        let (one, other, third) = (word(rng), word(rng), word(rng));
        push(
            &mut out,
            format_args!(
                "resource \"aws_{one}_{other}\" \"{third}\" {{\n  name        = \"${{var.prefix}}-{third}\"\n  \
             description = \"{}\"\n  key_id      = aws_kms_key.{one}.arn\n  password    = var.{other}_password\n  \
             count       = {}\n\n  tags = {{\n    {one} = \"{other}\"\n  }}\n}}\n\n",
                sentence(rng),
                rng.u8(..),
            ),
        );
    }
    out
}

/// The checksums of Go modules.
pub(in crate::bench::guard) fn go_sum(rng: &mut Rng) -> String {
    let mut out = String::new();
    for _ in 0..rng.usize(50..1500) {
        let module = format!("github.com/{}/{}", name(rng), name(rng));
        let version = format!("v{}.{}.{}", rng.u8(..3), rng.u8(..90), rng.u8(..20));
        push(
            &mut out,
            format_args!(
                "{module} {version} h1:{}=\n{module} {version}/go.mod h1:{}=\n",
                run(rng, BASE64, 43),
                run(rng, BASE64, 43),
            ),
        );
    }
    out
}

/// The packages of a web page.
pub(in crate::bench::guard) fn package_lock(rng: &mut Rng) -> String {
    let mut out =
        "{\n  \"name\": \"app\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n".to_owned();
    for _ in 0..rng.usize(50..1500) {
        let package = format!("{}-{}{}", word(rng), word(rng), rng.u16(..));
        push(
            &mut out,
            format_args!(
                "    \"node_modules/{package}\": {{\n      \"version\": \"{}.{}.{}\",\n      \
             \"resolved\": \"https://registry.example.org/{package}/-/{package}.tgz\",\n      \
             \"integrity\": \"sha512-{}==\",\n      \"dev\": {},\n      \"license\": \"MIT\"\n    }},\n",
                rng.u8(..9),
                rng.u8(..50),
                rng.u8(..20),
                run(rng, BASE64, 86),
                rng.bool(),
            ),
        );
    }
    out.push_str("    \"\": {}\n  }\n}\n");
    out
}

//! Names and values: tokens, passwords, keys in settings.

use fastrand::Rng;

use super::Setting;
use super::draw::*;

/// One of each.
pub fn all(rng: &mut Rng) -> Vec<Setting> {
    let mut settings: Vec<Setting> = Vec::new();
    let mut add = |class, name: &str, value: String| {
        settings.push(Setting { class, name: name.to_owned(), value })
    };
    add("GitHub", "GITHUB_TOKEN", github(rng));
    add("GitHub, fine-grained", "GH_PAT", format!("github_pat_{}", alphanumeric(rng, 82)));
    add("GitLab", "GITLAB_TOKEN", format!("glpat-{}", alphanumeric(rng, 20)));
    add("npm", "NPM_TOKEN", format!("npm_{}", alphanumeric(rng, 36)));
    add("Vault", "VAULT_TOKEN", format!("hvs.{}", alphanumeric(rng, 96)));
    add("Vault, older", "VAULT_TOKEN", format!("s.{}", alphanumeric(rng, 24)));
    add(
        "AWS",
        "AWS_SECRET_ACCESS_KEY",
        of(rng, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 40),
    );
    add(
        "Slack",
        "SLACK_BOT_TOKEN",
        format!(
            "xoxb-{}-{}-{}",
            of(rng, "123456789", 12),
            of(rng, "123456789", 12),
            alphanumeric(rng, 24)
        ),
    );
    add(
        "Slack webhook",
        "SLACK_WEBHOOK_URL",
        format!(
            "https://hooks.slack.com/services/T{}/B{}/{}",
            of(rng, "ABCDEFGHJK0123456789", 10),
            of(rng, "ABCDEFGHJK0123456789", 10),
            alphanumeric(rng, 24)
        ),
    );
    add(
        "Discord webhook",
        "DISCORD_WEBHOOK",
        format!(
            "https://discord.com/api/webhooks/{}/{}",
            of(rng, "123456789", 18),
            alphanumeric(rng, 68)
        ),
    );
    add(
        "Telegram",
        "TELEGRAM_BOT_TOKEN",
        format!("{}:AA{}", of(rng, "123456789", 10), alphanumeric(rng, 33)),
    );
    add("PagerDuty", "PAGERDUTY_ROUTING_KEY", hex(rng, 16));
    add("Stripe", "STRIPE_SECRET_KEY", format!("sk_live_{}", alphanumeric(rng, 24)));
    add(
        "Tailscale",
        "TS_AUTHKEY",
        format!("tskey-auth-k{}CNTRL-{}", alphanumeric(rng, 11), alphanumeric(rng, 32)),
    );
    add("Cloudflare", "CLOUDFLARE_API_TOKEN", alphanumeric(rng, 40));
    add("Grafana", "GRAFANA_API_KEY", format!("glsa_{}_{}", alphanumeric(rng, 32), hex(rng, 4)));
    add("web token", "SERVICE_TOKEN", web_token(rng));
    add(
        "Azure storage",
        "AZURE_STORAGE_CONNECTION_STRING",
        format!(
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey={};EndpointSuffix=core.windows.net",
            base64(rng, 64)
        ),
    );
    add("client secret", "OIDC_CLIENT_SECRET", alphanumeric(rng, 32));
    add("session key", "SESSION_SECRET", hex(rng, 32));
    add("human password", "DB_PASSWORD", password(rng));
    add("admin password", "GF_SECURITY_ADMIN_PASSWORD", password(rng));
    add("SMTP password", "SMTP_AUTH_PASSWORD", password(rng));
    add(
        "database URL",
        "DATABASE_URL",
        format!("postgres://app:{}@db.internal:5432/app", alphanumeric(rng, 16)),
    );
    add(
        "Redis URL",
        "REDIS_URL",
        format!("redis://:{}@cache.internal:6379/0", alphanumeric(rng, 20)),
    );
    add(
        "basic auth in a URL",
        "RPC_URL",
        format!("https://relay:{}@rpc.internal/eth", alphanumeric(rng, 12)),
    );
    add(
        "RPC key in a URL",
        "ETH_RPC_URL",
        format!("https://mainnet.infura.io/v3/{}", hex(rng, 16)),
    );
    add("Ethereum key", "PRIVATE_KEY", format!("0x{}", hex(rng, 32)));
    add("Pocket key", "POCKET_CORE_KEY", hex::encode(pair(rng)));
    add("Pocket passphrase", "POCKET_CORE_PASSPHRASE", password(rng));
    add("NEAR MPC account", "MPC_ACCOUNT_SK", near(&pair(rng)));
    add("NEAR MPC store", "MPC_SECRET_STORE_KEY", hex(rng, 16));
    add("mnemonic in a variable", "MNEMONIC", mnemonic(rng, 12).join(" "));
    add("age in a variable", "SOPS_AGE_KEY", age(rng));
    settings
}

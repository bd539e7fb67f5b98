//! Which names are those of secrets.

use proptest::prelude::*;

use super::*;

/// Words of names, some of them of secrets, written in some way.
fn word() -> impl Strategy<Value = String> {
    let words: Vec<&str> = [
        STRONG,
        LAST,
        KEYS,
        NOUNS,
        &["key", "my", "user", "login", "access", "id", "value", "2"],
        &["for", "max", "first", "base", "v1", "text", "creds"],
    ]
    .concat()
    .into_iter()
    .chain(ABOUT.iter().copied().take(5))
    .collect();
    (prop::sample::select(words), 0..3_u8).prop_map(|(word, case)| match case {
        0 => word.to_owned(),
        1 => word.to_ascii_uppercase(),
        _ => {
            let (first, rest) = word.split_at(1);
            first.to_ascii_uppercase() + rest
        }
    })
}

proptest! {
    #[test]
    fn passes_over_no_text_that_names_a_secret(
        words in prop::collection::vec((word(), "[_. -]?"), 1..5)
    ) {
        let name: String = words.iter().flat_map(|(word, gap)| [word.as_str(), gap]).collect();
        let text = format!("a: 1\n{name}: x\n");
        let class = classify(&name);
        if class.may_be_secret() {
            prop_assert!(may_name_a_secret(&text), "{name}");
        }
        let is_telling = class.may_be_secret() || class == Class::User;
        prop_assert_eq!(telling(&name), is_telling.then_some(class), "{}", name);
    }
}

#[test]
fn passes_over_texts_about_secrets() {
    for text in [
        "max_tokens: 2048",
        "sum(rate(time_to_first_token_milliseconds_bucket[5m]))",
        "\"title\": \"Time to first token\"",
        "alert: SlowFirstToken",
        "token_type: bearer",
        "compass: north",
    ] {
        assert!(!may_name_a_secret(text), "{text}");
    }
    for text in [
        "&first token: x",
        "{new: 1, token: x}",
        "token_for_app: x",
        r#""a\ntoken": x"#,
    ] {
        assert!(may_name_a_secret(text), "{text}");
    }
}

#[test]
fn tells_secrets_from_names_about_secrets() {
    for name in [
        "POSTGRES_PASSWORD",
        "adminPassword",
        "admin-password",
        "api-key",
        "OPENAI_API_KEY",
        "APIKey",
        "GITHUB_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "secretKey",
        "rootPassword",
        "password",
        "PGPASSWORD",
        "jwt_secret",
        "MINIO_ACCESS_KEY",
        "DB_PASS",
        "REDIS_PASSWORD_1",
        "PASSWORD_GRAFANA",
        "rabbitmq-password",
        "encryption_key",
        "requirepass",
        "clientSecret",
        "HF_TOKEN",
        "django-secret-key",
        "accesskey",
        "SECRET_KEY_BASE",
        "INNER_API_KEY_FOR_PLUGIN",
        "passwordForAdmin",
        "JWT_SIGNING_SECRET_V2",
        "PASSPHRASE",
        "NETWORK_PASSWORD",
        "networkKeyPassphrase",
        "WIFI_NETWORK_PASSPHRASE",
    ] {
        assert_eq!(classify(name), Class::Secret, "{name}");
        assert!(may_name_a_secret(name), "{name}");
    }
    for name in [
        "PASSWORD_FILE",
        "MAX_TOKENS",
        "TOKEN_LIMIT",
        "SECRET_NAME",
        "initial-cluster-token",
        "ETCD_INITIAL_CLUSTER_TOKEN",
        "server-tokens",
        "HOST",
        "PAD_TOKEN",
        "TOKENIZER",
        "passwordSecretRef",
        "existingSecretPasswordKey",
        "tls-secret",
        "POSTGRES_DB",
        "PASSWORD_RESET_URL",
        "KEY",
        "max_token",
        "SECRET_MOUNT_PATH",
        "sort_key",
        "passwordKey",
        "compass",
        "bypass",
        "MONKEY",
        "imagePullSecret",
        "DATABASE_URL",
        "PASSWORD_HASH_ROUNDS",
        "token_type",
        "URL_FOR_TOKEN",
        "API_KEY_HEADER_FOR_PLUGIN",
        "NETWORK_PASSPHRASE",
        "ledgerNetworkPassphrase",
    ] {
        assert_ne!(classify(name), Class::Secret, "{name}");
    }
    for name in ["SESSION_KEY", "storageKey", "GCP_CREDENTIALS", "SERVER_KEY"] {
        assert_eq!(classify(name), Class::Either, "{name}");
        assert!(may_name_a_secret(name), "{name}");
    }
    for name in [
        "username",
        "POSTGRES_USER",
        "MINIO_ROOT_USER",
        "AWS_ACCESS_KEY_ID",
        "rootUser",
    ] {
        assert_eq!(classify(name), Class::User, "{name}");
    }
}

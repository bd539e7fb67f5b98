//! Which values are defaults, which are placeholders, and which are no secrets.

use super::*;

#[test]
fn tells_defaults_from_secrets() {
    let names = ["agent", "router", "mcpjungle"].map(SmolStr::from);
    let is = |value: &str| fault(value, &names);
    for value in [
        "changeme",
        "change-me",
        "CHANGE_ME_NOW",
        "changeme123",
        "minioadmin",
        "password",
        "Password1",
        "P@ssw0rd",
        "passw0rd!",
        "letmein",
        "my-secret-password",
        "super-secret-password",
        "admin123",
        "secret",
        "root",
        "postgres",
        "neo4j",
        "test",
        "test123",
        "guest",
        "default",
        "example",
        "123456",
        "12345678",
        "0000",
        "111111",
        "qwerty",
        "redis-password",
        "jwt-secret-key",
        "prom-operator",
        "minio123",
        "admin",
        "agent-router",
        "mcpjungle-token",
        "sk-1234",
        "S3cr3t",
        "this-is-not-secure-password",
        "postgrespassword",
        "foobar",
        "secret.",
        "secret.key.test",
        "my secret.key",
    ] {
        assert!(
            matches!(is(value), Some(Fault::WellKnown | Fault::Weak))
                || is(value) == Some(Fault::Placeholder),
            "{value}: {:?}",
            is(value)
        );
    }
    for value in [
        "<password>",
        "<your-api-key>",
        "your-api-key-here",
        "your_openai_key",
        "replace-me",
        "REPLACE_ME",
        "__REPLACE_ME__",
        "__YOUR_API_KEY__",
        "xxx",
        "xxxxxxxx",
        "sk-xxxxxxxx",
        "****",
        "insert-your-token-here",
        "TODO",
        "change-me-in-production",
        "[your token]",
        "<path to password>",
        "os.environ.changeme!",
        "env.change-me!",
        "please-change-this-64-hex-string",
        "AKIAIOSFODNN7EXAMPLE",
    ] {
        assert_eq!(is(value), Some(Fault::Placeholder), "{value}");
    }
    for value in [
        "",
        "Zk3vQ9x!",
        "hunter2-but-longer",
        "9f86d081884c7d65",
        "correct horse battery staple",
        "true",
        "EMPTY",
        "none",
        "not-needed",
        "$(POSTGRES_PASSWORD)",
        "\"$POSTGRES_PASSWORD\"",
        "<<<PASSWORD>>>",
        "${PW}",
        "{{ .x }}",
        "/etc/secret",
        "vault:secret/data/x#pw",
        "f3c1b6",
        "8472",
        "tr0ub4dor",
        "%PASSWORD%",
        "__DB_PASSWORD__",
        "gAAAAABk",
        "-----BEGIN",
        "dGVzdA",
        "$argon2id$v=19",
        "postgres-credentials",
        "xK9xxP2q",
        "<%= api_key %>",
        "{% token %}",
        "`cat /run/password`",
        "secret.pem",
        "'certs/tls.key'",
        "id_rsa.PUB",
        "os.environ/DB_PASSWORD",
        "os.environ['DB_PASSWORD']",
        "os.getenv('SECRET')",
        "<path:secret/data/db#password>",
        "env.PASSWORD",
        "{env.PASSWORD}",
        "env/API_KEY",
        "%(ENV_PASSWORD)s",
        "x%(PASSWORD)s",
        "@env:PASSWORD",
        "k8s:secret/db/password",
        "projects/app/secrets/password/versions/latest",
        "keyvault:db-password",
    ] {
        assert_eq!(is(value), None, "{value}");
    }
}

#[test]
fn tells_secrets_from_names_of_things() {
    for value in ["my-session-secret", "changeme-password", "123456"] {
        assert!(says_secret(value), "{value}");
    }
    for value in ["x-user-id", "user", "default", "ServiceCredentials"] {
        assert!(!says_secret(value), "{value}");
    }
    for value in [
        "Zk3vQ9x21",
        "dGVzdHRlc3Q1Cg==",
        "9f86d081884c7d65",
        "base64:dGVzdHRlc3Q1Cg==",
        "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZSJ9.x",
        "550e8400-e29b-41d4-a716-446655440000",
    ] {
        assert!(is_made_up(value), "{value}");
    }
    for value in [
        "x-user-id",
        "default",
        "us-east-1a",
        "12345678",
        "v1",
        "project1234-sa",
        "https://example.com/a1b2c3d4e5",
    ] {
        assert!(!is_made_up(value), "{value}");
    }
}

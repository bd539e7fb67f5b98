//! Values beside names of secrets that name an object or a field.

use super::names::words;

/// In a configuration `secret: my-app-secret` refers to a Secret: the bare word names an object
/// where Kubernetes is configured, and the value is called as such objects are.
pub(super) fn is_name_of_secret(name: &str, value: &str) -> bool {
    let names = words(name);
    let is_bare = matches!(names.as_slice(), [one] if matches!(one.as_str(), "secret" | "secrets" | "credentials"));
    let is_object_name = value
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let kind = value.rsplit_once('-').map(|(_, kind)| kind);
    is_bare
        && is_object_name
        && matches!(
            kind,
            Some("auth" | "credentials" | "creds" | "secret" | "secrets" | "token")
        )
}

/// `name=key`, the Secret and its key, where variables are told to be taken from such.
pub(super) fn is_entry_of_secret(value: &str) -> bool {
    let in_name =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    let in_key = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    value.split_once('=').is_some_and(|(name, key)| {
        !name.is_empty() && name.bytes().all(in_name) && !key.is_empty() && key.bytes().all(in_key)
    })
}

/// Whether a variable stands for a setting of a section of such: `X__KUBERNETES_SECRETS__PASSWORD`.
pub(super) fn is_of_secrets(name: &str) -> bool {
    let Some((section, _)) = name.rsplit_once("__") else {
        return false;
    };
    words(section).last().is_some_and(|last| last == "secrets")
}

/// In a configuration a value that repeats its own key (`token: token`, `secretKey: password`) may
/// be the name of a field; `password: password` and `secret: secret` are not taken for one.
pub(super) fn is_word_about(name: &str, value: &str) -> bool {
    let is_key_of_secret = words(name) == ["secret", "key"]
        && value.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let is_word = is_key_of_secret
        && matches!(
            value,
            "password" | "token" | "secret" | "key" | "username" | "api-key"
        );
    let own = name.rsplit('.').next().unwrap_or_default();
    let own_words = words(own);
    // `usernameSecretKey: username`: the key that a Secret has it under.
    let is_field = matches!(
        own_words.as_slice(),
        [.., field, secret, key]
            if secret == "secret"
                && key == "key"
                && matches!(field.as_str(), "password" | "token" | "user" | "username")
                && value.to_ascii_lowercase().ends_with(field.as_str())
    );
    let is_repeated = value == own
        && own_words
            .last()
            .is_some_and(|last| matches!(last.as_str(), "token" | "key"));
    is_word || is_field || is_repeated
}

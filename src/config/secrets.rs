//! Secrets: from a file, a systemd credential or the environment; inline only under protest.

use super::check::Context;
use super::surroundings::read_secret;
use super::table::TableReader;
use crate::model::secret::SecretString;

/// Reads `KEY_file`, then the credential `credential`, then `KEY_env`, then `KEY` itself; the
/// first that is there wins (`operations.md` §3.8).
pub(super) fn secret(
    table: &mut TableReader<'_, '_>,
    key: &'static str,
    credential: &str,
    context: &Context<'_>,
) -> Option<SecretString> {
    let (file_key, env_key) = match key {
        "password" => ("password_file", "password_env"),
        _ => ("token_file", "token_env"),
    };
    let file = table.text(file_key);
    let variable = table.text(env_key);
    let inline = table.text(key);
    if let Some(file) = file {
        let path = context.base.join(&file.value);
        return match read_secret(&path) {
            Ok(secret) => Some(secret.into()),
            Err(error) => {
                let title = format!("cannot read the secret in {}: {error}", path.display());
                let help = "the file holds the secret alone, readable by vigie's user";
                table.problems().error(&file.place, title, "unreadable", help);
                None
            }
        };
    }
    let credential = context.surroundings.credentials().map(|dir| dir.join(credential));
    if let Some(secret) = credential.and_then(|path| read_secret(&path).ok()) {
        return Some(secret.into());
    }
    if let Some(variable) = variable {
        if let Some(secret) = context.surroundings.variable(&variable.value) {
            return Some(secret.to_owned().into());
        }
        let title = format!("the environment has no variable `{}`", variable.value);
        let help = format!("set it, or use `{file_key}`");
        table.problems().error(&variable.place, title, "not set", &help);
        return None;
    }
    let inline = inline?;
    let help = format!("put it in a file of its own and write `{file_key} = \"…\"`");
    let title = "a secret in the configuration is seen by everyone who may read it";
    table.problems().warning(&inline.place, title, "secret", &help);
    Some(inline.value.into())
}

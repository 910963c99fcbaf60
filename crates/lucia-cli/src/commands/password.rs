use std::io::{self, IsTerminal as _};

use lucia_auth::Error;
use lucia_core::KeyId;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::{
    arguments::StoreArguments,
    failure::{Failure, text_of},
    output::{Outcome, Output},
    store,
};

pub(super) async fn set(
    stores: &StoreArguments,
    key: &str,
    keep_sessions: bool,
    beside_lucia_js: bool,
    output: Output,
) -> Result<Outcome, Failure> {
    if io::stdin().is_terminal() {
        return Err(
            "the password is read from standard input, which is a terminal: pipe it, so that it is not shown".into()
        );
    }
    let mut line = String::new();
    BufReader::new(tokio::io::stdin()).read_line(&mut line).await?;
    let password = line.strip_suffix('\n').map_or(line.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));

    let builder = store::auth(stores).await?;
    let auth = if beside_lucia_js { builder.beside_lucia_js() } else { builder }.build()?;
    let key = match auth.update_key_password(KeyId::from_stored(key), Some(password)).await {
        Ok(key) => key,
        Err(Error::InvalidKeyId { .. }) => {
            output.print(&json!({"set": false}), || "unknown key".to_owned())?;
            return Ok(Outcome::Problems);
        }
        Err(Error::Password(error)) => return Err(error.into()),
        Err(error) => return Err(error.into()),
    };
    if !keep_sessions && let Err(error) = auth.invalidate_all_user_sessions(&key.user_id).await {
        return Err(format!("the password is set, but sessions of its user may be live: {}", text_of(&error)).into());
    }
    let sessions = if keep_sessions { "kept" } else { "ended" };
    let value = json!({"set": true, "user_id": key.user_id, "sessions": sessions});
    output.print(&value, || format!("the password is set, and the sessions of its user were {sessions}"))?;
    Ok(Outcome::Done)
}

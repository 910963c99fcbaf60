use lucia_core::{KeyId, KeySchema, UserAdapter as _, UserId};
use serde_json::{Value, json};

use crate::{
    arguments::{StoreArguments, WhichUser},
    failure::Failure,
    output::{Outcome, Output, printable, table},
    store,
};

/// The columns of applications that are not shown have one of these in their name.
const SECRETS: &[&str] = &["hash", "key", "passw", "secret", "token"];

pub(super) async fn show(stores: &StoreArguments, which: WhichUser, output: Output) -> Result<Outcome, Failure> {
    let adapter = store::users(stores).await?.user_adapter(&stores.names).await?;
    let user_id = match which.key {
        Some(key) => adapter.get_key(&KeyId::from_stored(key)).await?.map(|key| key.user_id),
        None => which.user_id.map(UserId::from),
    };
    let user = match user_id {
        Some(user_id) => adapter.get_user(&user_id).await?,
        None => None,
    };
    let Some(user) = user else {
        output.print(&Value::Null, || "unknown user".to_owned())?;
        return Ok(Outcome::Problems);
    };
    let keys = adapter.get_keys_by_user_id(&user.id).await?;
    let has_password = |key: &KeySchema| key.hashed_password.is_some();
    let shown = |name: &str, value: &Value| {
        let name = name.to_lowercase();
        let is_secret = SECRETS.iter().any(|part| name.contains(part)) && !value.is_null();
        if is_secret { Value::from("(not shown)") } else { value.clone() }
    };
    let attributes: serde_json::Map<_, _> =
        user.attributes().iter().map(|(name, value)| (name.to_owned(), shown(name, value))).collect();
    let listed: Vec<_> =
        keys.iter().map(|key| json!({"id": key.id.as_str(), "has_password": has_password(key)})).collect();
    let value = json!({"id": user.id.as_str(), "attributes": attributes, "keys": listed});
    output.print(&value, || {
        let fields = attributes.iter().map(|(name, value)| [name.clone(), value.to_string()]);
        let id = ["id".to_owned(), printable(user.id.as_str())];
        let rows: Vec<_> = std::iter::once(id).chain(fields).collect();
        let password = |key: &KeySchema| if has_password(key) { "password" } else { "no password" }.to_owned();
        let keys: Vec<_> = keys.iter().map(|key| [key.id.as_str().to_owned(), password(key)]).collect();
        format!("{}\n{}", table(["user", ""], &rows), table(["key", ""], &keys))
    })?;
    Ok(Outcome::Done)
}

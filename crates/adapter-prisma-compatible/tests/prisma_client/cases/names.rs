//! Cases of mapped names of tables and columns.

use adapter_prisma_compatible::{Attribute, PrismaConfig, Table};
use lucia_core::{
    Adapter as _, Attributes, KeyId, KeySchema, SessionAdapter as _, SessionSchema, UnixMillis, UserAdapter as _,
    UserSchema,
};
use serde_json::json;

use crate::{client::Client, database::Database, provider::Provider};

/// The names of three models in `schema.prisma`.
struct Models {
    user: &'static str,
    session: &'static str,
    key: &'static str,
}

pub(super) async fn tables_of_the_default_mode_are_shared(provider: Provider) {
    let config = default_mode();
    let database = Database::with_tables(provider, &config).await;
    share(&database, config, &Models { user: "user", session: "session", key: "key" }).await;
}

/// The tables are those of the Lucia JS guides: `varchar`s, no cascades, no second index on ids.
pub(super) async fn tables_of_the_lucia_js_guides_are_shared(provider: Provider) {
    let database = Database::empty(provider).await;
    database.run(provider.sql_guide()).await;
    let config = PrismaConfig::lucia_sql();
    share(&database, config, &Models { user: "authUser", session: "userSession", key: "userKey" }).await;
}

/// The driver adapters of Prisma take `?schema=` as an option.
pub(super) async fn tables_of_another_schema_are_shared(provider: Provider) {
    let config = default_mode().schema("auth-2");
    let database = Database::with_tables(provider, &config).await;
    // Tables of the same names in another schema do not count.
    database.run("CREATE TABLE \"User\" (id integer); CREATE TABLE \"Session\" (id integer)").await;
    let client = database.client_with(&json!({"schema": "auth-2"}));
    share_with(&database, config, client, &Models { user: "user", session: "session", key: "key" }).await;
}

fn default_mode() -> PrismaConfig {
    PrismaConfig::default()
        .user(Table::model("user").attribute("username", Attribute::string().unique()))
        .session(Table::model("session").attribute("country", Attribute::string().optional()))
        .key(Table::model("key"))
        .user_relation_key("user")
}

async fn share(database: &Database, config: PrismaConfig, models: &Models) {
    share_with(database, config, database.client(), models).await;
}

async fn share_with(database: &Database, config: PrismaConfig, mut client: Client, models: &Models) {
    let adapter = database.adapter(config).await;
    let [ada, grace] = ["ada", "grace"].map(|name| {
        UserSchema::new(name).with_attributes(Attributes::from([("username", format!("{name}!"))])).unwrap()
    });
    let key = |user: &UserSchema| KeySchema::new(KeyId::new("username", user.id.as_str()).unwrap(), user.id.clone());
    let session = |user: &UserSchema| {
        let times = [1_700_000_000_000, 1_800_000_000_000].map(UnixMillis::new);
        SessionSchema::new(format!("of {}", user.id), user.id.clone(), times[0], times[1])
            .with_attributes(Attributes::from([("country", "NZ")]))
            .unwrap()
    };

    adapter.set_user(&ada, Some(&key(&ada))).await.unwrap();
    adapter.set_session(&session(&ada)).await.unwrap();
    assert_eq!(client.find(models.user, "ada"), Some(json!({"id": "ada", "username": "ada!"})));
    assert_eq!(client.find(models.key, "username:ada").unwrap()["user_id"], "ada");
    assert_eq!(client.find(models.session, "of ada").unwrap(), session_row("ada"));

    make(&mut client, models);
    assert_eq!(adapter.get_user(&grace.id).await.unwrap().as_ref(), Some(&grace));
    assert_eq!(adapter.get_keys_by_user_id(&grace.id).await.unwrap(), [key(&grace)]);
    let joined = adapter.get_session_and_user(&"of grace".into()).await.unwrap();
    assert_eq!(joined, Some((session(&grace), grace.clone())));

    adapter.delete_user(&grace.id).await.unwrap();
    assert_eq!(client.find(models.user, "grace"), None);
    assert_eq!(client.find(models.session, "of grace"), None);
}

fn make(client: &mut Client, models: &Models) {
    client.create(models.user, &json!({"id": "grace", "username": "grace!"}));
    client.create(models.key, &json!({"id": "username:grace", "user_id": "grace"}));
    client.create(models.session, &session_row("grace"));
}

fn session_row(user_id: &str) -> serde_json::Value {
    json!({
        "id": format!("of {user_id}"),
        "user_id": user_id,
        "active_expires": {"$bigint": "1700000000000"},
        "idle_expires": {"$bigint": "1800000000000"},
        "country": "NZ",
    })
}

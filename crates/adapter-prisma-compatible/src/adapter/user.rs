use async_trait::async_trait;
use lucia_core::{AdapterResult, KeyId, KeySchema, KeyUpdate, UserAdapter, UserId, UserSchema, UserUpdate};

use super::{PrismaAdapter, PrismaUserAdapter};

#[async_trait]
impl UserAdapter for PrismaUserAdapter {
    async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>> {
        self.tables.get_user(user_id).await.map_err(|error| error.during("get_user"))
    }

    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()> {
        self.tables.set_user(self.tables.driver(), user, key).await.map_err(|error| error.during("set_user"))
    }

    async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> AdapterResult<()> {
        self.tables.update_user(user_id, update).await.map_err(|error| error.during("update_user"))
    }

    async fn delete_user(&self, user_id: &UserId) -> AdapterResult<()> {
        self.tables.delete_user(user_id).await.map_err(|error| error.during("delete_user"))
    }

    async fn get_key(&self, key_id: &KeyId) -> AdapterResult<Option<KeySchema>> {
        self.tables.get_key(key_id).await.map_err(|error| error.during("get_key"))
    }

    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
        self.tables.get_keys_by_user_id(user_id).await.map_err(|error| error.during("get_keys_by_user_id"))
    }

    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
        self.tables.set_key(self.tables.driver(), key).await.map_err(|error| error.during("set_key"))
    }

    async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
        self.tables.update_key(key_id, update).await.map_err(|error| error.during("update_key"))
    }

    async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()> {
        self.tables.delete_key(key_id).await.map_err(|error| error.during("delete_key"))
    }

    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.tables.delete_keys_by_user_id(user_id).await.map_err(|error| error.during("delete_keys_by_user_id"))
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
impl UserAdapter for PrismaAdapter {
    async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>> {
        self.users.get_user(user_id).await
    }

    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()> {
        self.users.set_user(user, key).await
    }

    async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> AdapterResult<()> {
        self.users.update_user(user_id, update).await
    }

    async fn delete_user(&self, user_id: &UserId) -> AdapterResult<()> {
        self.users.delete_user(user_id).await
    }

    async fn get_key(&self, key_id: &KeyId) -> AdapterResult<Option<KeySchema>> {
        self.users.get_key(key_id).await
    }

    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
        self.users.get_keys_by_user_id(user_id).await
    }

    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
        self.users.set_key(key).await
    }

    async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
        self.users.update_key(key_id, update).await
    }

    async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()> {
        self.users.delete_key(key_id).await
    }

    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.users.delete_keys_by_user_id(user_id).await
    }
}

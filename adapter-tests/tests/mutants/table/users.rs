//! Bugs of users and keys.

use std::{
    mem,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
};

use adapter_tests::schema::{Attribute, COUNTRY, USER_ATTRIBUTES};
use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, Attributes, KeyId, KeySchema, KeyUpdate, SessionAdapter as _, UserAdapter,
    UserId, UserSchema, UserUpdate, async_trait,
};
use serde_json::Value;
use tokio::task::yield_now;

use super::{
    fail, keys, mistaken,
    mutant::{Bug, Mutant},
};

/// A transaction that stays open when it is dropped.
struct Open<'a>(&'a AtomicBool);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

/// Returns the attributes that are columns, as if the statement had contained the other names.
pub(super) fn columns_of(attributes: &Attributes, columns: &[Attribute]) -> Attributes {
    let known = attributes.iter().filter(|(name, _)| columns.iter().any(|column| column.name == *name));
    known.map(|(name, value)| (name, value.clone())).collect()
}

/// Replaces empty strings by null, as some databases do.
pub(super) fn without_empty_text(attributes: &Attributes) -> Attributes {
    let values = attributes.iter().map(|(name, value)| (name, if *value == "" { Value::Null } else { value.clone() }));
    values.collect()
}

pub(super) fn normalised(attributes: &Attributes) -> Attributes {
    let names = attributes.iter().map(|(name, value)| (name.to_lowercase(), value.clone()));
    names.map(|(name, value)| (name.replace(['"', '`'], ""), value)).collect()
}

#[async_trait]
impl UserAdapter for Mutant {
    async fn get_user(&self, id: &UserId) -> AdapterResult<Option<UserSchema>> {
        if self.bug == Bug::UsersAreCutAtAColon {
            let cut = id.as_str().split(':').next().unwrap_or_default();
            if let Some(user) = self.sound.get_user(&cut.into()).await? {
                return Ok(Some(user));
            }
        }
        match self.sound.get_user(id).await? {
            None if self.bug == Bug::UnknownUserIsAFailure => fail(Kind::InvalidUserId),
            Some(user) if self.bug == Bug::EmptyTextIsNull => {
                let attributes = without_empty_text(user.attributes());
                Ok(Some(user.with_attributes(attributes).unwrap()))
            }
            None if self.bug == Bug::UsersIgnoreCase => self.sound.get_user(&id.as_str().to_lowercase().into()).await,
            found => Ok(found),
        }
    }

    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()> {
        self.remember(key);
        match self.bug {
            Bug::P2DuplicateKeyIsNotRecognised => {
                mistaken(self.sound.set_user(user, key).await, Kind::DuplicateKeyId, Kind::Backend)
            }
            Bug::P2DuplicateUserIsADuplicateKey => {
                mistaken(self.sound.set_user(user, key).await, Kind::DuplicateUserId, Kind::DuplicateKeyId)
            }
            Bug::S6DuplicateUserWithKeyIsADuplicateKey if key.is_some() => {
                mistaken(self.sound.set_user(user, key).await, Kind::DuplicateUserId, Kind::DuplicateKeyId)
            }
            Bug::DuplicateAttributeIsADuplicateKey => {
                mistaken(self.sound.set_user(user, key).await, Kind::DuplicateAttribute, Kind::DuplicateKeyId)
            }
            Bug::S2AnyNameIsAColumn => {
                let known = columns_of(user.attributes(), USER_ATTRIBUTES);
                let known = UserSchema::new(user.id.clone()).with_attributes(known).unwrap();
                self.sound.set_user(&known, key).await
            }
            Bug::S7UserStaysWhenItsKeyIsTaken => match key {
                Some(key) if key.user_id == user.id => {
                    self.sound.set_user(user, None).await?;
                    self.sound.set_key(key).await
                }
                _ => self.sound.set_user(user, key).await,
            },
            Bug::DroppedCallLeavesTheUser => match key {
                Some(key) if self.sound.get_key(&key.id).await?.is_none() && key.user_id == user.id => {
                    self.sound.set_user(user, None).await?;
                    yield_now().await;
                    self.sound.set_key(key).await
                }
                _ => self.sound.set_user(user, key).await,
            },
            Bug::DroppedCallTakesTheNextAlong => {
                if self.is_open.swap(false, SeqCst) {
                    return Ok(());
                }
                let open = Open(&self.is_open);
                yield_now().await;
                mem::forget(open);
                self.sound.set_user(user, key).await
            }
            Bug::NamesAreNormalised => {
                let user = UserSchema::new(user.id.clone()).with_attributes(normalised(user.attributes())).unwrap();
                self.sound.set_user(&user, key).await
            }
            Bug::UserGetsAKey => {
                let ghost = KeySchema::new(KeyId::from_stored(format!("id:{}", user.id)), user.id.clone());
                self.sound.set_user(user, Some(key.unwrap_or(&ghost))).await
            }
            Bug::FirstKeyIsDropped => {
                self.sound.set_user(user, key).await?;
                match key {
                    Some(key) => self.sound.delete_key(&key.id).await,
                    None => Ok(()),
                }
            }
            Bug::KeysArePutInPlace => {
                if let Some(key) = key.filter(|key| key.user_id == user.id) {
                    self.sound.delete_key(&key.id).await?;
                }
                self.sound.set_user(user, key).await
            }
            Bug::KeyIsCheckedFirst => match key {
                Some(key) if key.user_id == user.id => {
                    if self.sound.get_key(&key.id).await?.is_some() {
                        return self.sound.set_user(user, Some(key)).await;
                    }
                    yield_now().await;
                    self.sound.set_user(user, None).await?;
                    self.sound.set_key(key).await
                }
                _ => self.sound.set_user(user, key).await,
            },
            Bug::AnotherUsersKeyIsTaken => match key {
                Some(key) if key.user_id != user.id => {
                    let mut mine = key.clone();
                    mine.user_id.clone_from(&user.id);
                    self.sound.set_user(user, Some(&mine)).await
                }
                key => self.sound.set_user(user, key).await,
            },
            _ => self.sound.set_user(user, key).await,
        }
    }

    async fn update_user(&self, id: &UserId, update: &UserUpdate) -> AdapterResult<()> {
        match self.bug {
            Bug::P1UpdateOfNothingIsAFailure => {
                mistaken(self.sound.update_user(id, update).await, Kind::InvalidUserId, Kind::Backend)
            }
            Bug::S1EmptyUpdateFails if update.is_empty() => fail(Kind::Backend),
            Bug::S2AnyNameIsAColumn => {
                let known =
                    UserUpdate::default().with_attributes(columns_of(update.attributes(), USER_ATTRIBUTES)).unwrap();
                self.sound.update_user(id, &known).await
            }
            Bug::UpdateIgnoresUniqueness => match self.sound.update_user(id, update).await {
                Err(error) if error.kind() == Kind::DuplicateAttribute => {
                    self.sound.memory.update_user(id, update).await
                }
                outcome => outcome,
            },
            Bug::UserUpdateReplaces => {
                self.sound.update_user(id, update).await?;
                let mut blank = update.attributes().clone();
                if !update.is_empty() && !blank.contains(COUNTRY) {
                    blank.insert(COUNTRY, Value::Null);
                }
                self.sound.update_user(id, &UserUpdate::default().with_attributes(blank).unwrap()).await
            }
            Bug::UserUpdateSkipsNull => {
                let kept = update.attributes().iter().filter(|(_, value)| !value.is_null());
                let kept: Attributes = kept.map(|(name, value)| (name, value.clone())).collect();
                self.sound.update_user(id, &UserUpdate::default().with_attributes(kept).unwrap()).await
            }
            _ => self.sound.update_user(id, update).await,
        }
    }

    async fn delete_user(&self, id: &UserId) -> AdapterResult<()> {
        if self.bug == Bug::UserIsNotDeleted {
            return Ok(());
        }
        if self.bug == Bug::P5DeleteTwiceFails && self.sound.get_user(id).await?.is_none() {
            return fail(Kind::Backend);
        }
        if self.bug == Bug::UserIsNotLocked {
            self.sound.delete_sessions_by_user_id(id).await?;
            self.sound.delete_keys_by_user_id(id).await?;
            yield_now().await;
        }
        self.sound.delete_user(id).await
    }

    async fn get_key(&self, id: &KeyId) -> AdapterResult<Option<KeySchema>> {
        keys::get(self, id).await
    }

    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
        let mut keys = self.sound.get_keys_by_user_id(user_id).await?;
        if self.bug == Bug::ListsOfUnknownUsersFail && self.sound.get_user(user_id).await?.is_none() {
            return fail(Kind::InvalidUserId);
        }
        if self.bug == Bug::KeysAreOne {
            keys.truncate(1);
        }
        Ok(keys)
    }

    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
        self.remember(Some(key));
        keys::set(self, key).await
    }

    async fn update_key(&self, id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
        keys::update(self, id, update).await
    }

    async fn delete_key(&self, id: &KeyId) -> AdapterResult<()> {
        keys::delete(self, id).await
    }

    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        if self.bug == Bug::KeysOfAllUsersAreDeleted {
            for id in self.remembered() {
                self.sound.delete_key(&id).await?;
            }
        }
        self.sound.delete_keys_by_user_id(user_id).await
    }
}

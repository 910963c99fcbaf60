//! Bugs of keys.

use std::sync::PoisonError;

use lucia_core::{AdapterErrorKind as Kind, AdapterResult, HashedPassword, KeyId, KeySchema, KeyUpdate, UserAdapter};

use super::{
    fail, mistaken,
    mutant::{Bug, Mutant},
};

impl Mutant {
    pub(super) fn remember(&self, key: Option<&KeySchema>) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.extend(key.map(|key| key.id.clone()));
    }

    pub(super) fn remembered(&self) -> Vec<KeyId> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn key_spelled(&self, id: &KeyId) -> KeyId {
        match self.bug {
            Bug::KeysAreCutAtAColon => {
                KeyId::from_stored(id.as_str().splitn(3, ':').take(2).collect::<Vec<_>>().join(":"))
            }
            _ => id.clone(),
        }
    }
}

pub(super) async fn get(mutant: &Mutant, id: &KeyId) -> AdapterResult<Option<KeySchema>> {
    match mutant.sound.get_key(&mutant.key_spelled(id)).await? {
        None if mutant.bug == Bug::KeysIgnoreCase => {
            mutant.sound.get_key(&KeyId::from_stored(id.as_str().to_lowercase())).await
        }
        None if mutant.bug == Bug::UnknownKeyIsAFailure => fail(Kind::InvalidKeyId),
        Some(mut key) if mutant.bug == Bug::MissingHashIsEmpty => {
            key.hashed_password.get_or_insert_with(|| HashedPassword::new(""));
            Ok(Some(key))
        }
        found => Ok(found),
    }
}

pub(super) async fn set(mutant: &Mutant, key: &KeySchema) -> AdapterResult<()> {
    let mut key = key.clone();
    key.id = mutant.key_spelled(&key.id);
    if mutant.bug == Bug::KeysArePutInPlace {
        mutant.sound.delete_key(&key.id).await?;
    }
    mutant.check_owner(&key.user_id).await?;
    let outcome = mutant.sound.set_key(&key).await;
    match mutant.bug {
        Bug::P2DuplicateKeyIsNotRecognised => mistaken(outcome, Kind::DuplicateKeyId, Kind::Backend),
        _ => outcome,
    }
}

pub(super) async fn update(mutant: &Mutant, id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
    let sound = &mutant.sound;
    let changed = |change: fn(&mut KeyUpdate)| {
        let mut update = update.clone();
        change(&mut update);
        update
    };
    let unconditional = changed(|update| update.expected_hashed_password = None);
    match mutant.bug {
        Bug::P1UpdateOfNothingIsAFailure => {
            mistaken(sound.update_key(id, update).await, Kind::InvalidKeyId, Kind::Backend)
        }
        Bug::S1EmptyUpdateFails if update.is_empty() => fail(Kind::Backend),
        Bug::KeyUpdateIgnoresTheCondition => sound.update_key(id, &unconditional).await,
        Bug::KeyConditionIsCheckedFirst => match sound.get_key(id).await? {
            Some(key) if !update.applies_to(&key) => fail(Kind::Conflict),
            _ => {
                tokio::task::yield_now().await;
                sound.update_key(id, &unconditional).await
            }
        },
        Bug::HashIsNotCleared if update.hashed_password == Some(None) => {
            sound.update_key(id, &changed(|update| update.hashed_password = None)).await
        }
        Bug::HashIsNotSet if matches!(update.hashed_password, Some(Some(_))) => {
            sound.update_key(id, &changed(|update| update.hashed_password = None)).await
        }
        Bug::RenamingKeepsTheOldKey => {
            let before = sound.get_key(id).await?;
            sound.update_key(id, update).await?;
            match before {
                Some(key) if update.id.as_ref().is_some_and(|new| *new != key.id) => sound.set_key(&key).await,
                _ => Ok(()),
            }
        }
        Bug::RenamingLosesTheHash if update.id.is_some() && update.hashed_password.is_none() => {
            sound.update_key(id, &changed(|update| update.hashed_password = Some(None))).await
        }
        Bug::RenamingReplaces => {
            if let (Some(new), Some(_)) = (&update.id, sound.get_key(id).await?)
                && new != id
            {
                sound.delete_key(new).await?;
            }
            sound.update_key(id, update).await
        }
        _ => {
            let mut update = update.clone();
            update.id = update.id.map(|id| mutant.key_spelled(&id));
            sound.update_key(&mutant.key_spelled(id), &update).await
        }
    }
}

pub(super) async fn delete(mutant: &Mutant, id: &KeyId) -> AdapterResult<()> {
    let sound = &mutant.sound;
    match mutant.bug {
        Bug::P5DeleteTwiceFails if sound.get_key(id).await?.is_none() => fail(Kind::Backend),
        Bug::KeyIsDeletedByPrefix => {
            for key in mutant.remembered().iter().filter(|key| key.as_str().starts_with(id.as_str())) {
                sound.delete_key(key).await?;
            }
            Ok(())
        }
        _ => sound.delete_key(&mutant.key_spelled(id)).await,
    }
}

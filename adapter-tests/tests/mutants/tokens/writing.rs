//! Bugs of inserts.

use lucia_core::{AdapterErrorKind as Kind, AdapterResult, TokenAdapter as _, TokenSchema, UserAdapter as _};

use super::{
    mutant::{Bug, Mutant},
    reading::cut,
    store::NOW,
};

const MAX_TEXT: usize = 65_535;

pub(super) async fn set(mutant: &Mutant, token: &TokenSchema) -> AdapterResult<()> {
    let mut token = token.clone();
    token.id = mutant.spelled(&token.id);
    mutant.seen().push(token.clone());
    match mutant.bug {
        Bug::LargeTextIsCut if token.data.len() > MAX_TEXT => {
            let end = (0..=MAX_TEXT).rev().find(|end| token.data.is_char_boundary(*end));
            token.data.truncate(end.unwrap_or_default());
        }
        Bug::TextIsANumber => {
            if let Ok(number) = token.data.trim().parse::<f64>() {
                token.data = number.to_string();
            }
        }
        Bug::PastExpiryIsMoved => token.expires = token.expires.max(NOW),
        Bug::TakenIdStaysTaken if mutant.taken().contains(&token.id) => return Err(Kind::DuplicateTokenId.into()),
        _ => {}
    }
    let outcome = insert(mutant, &token).await;
    let is_indexed = outcome.is_ok() || mutant.bug == Bug::DuplicateIsIndexed;
    if let Some(user_id) = token.user_id.as_ref().filter(|_| is_indexed) {
        if mutant.bug == Bug::IndexIsReadModifyWrite {
            let mut ids = mutant.index().and_then(|index| index.get(user_id).cloned()).unwrap_or_default();
            tokio::task::yield_now().await;
            ids.insert(token.id.clone());
            mutant.index().into_iter().for_each(|mut index| drop(index.insert(user_id.clone(), ids.clone())));
        } else if let Some(mut index) = mutant.index() {
            index.entry(user_id.clone()).or_default().insert(token.id.clone());
        }
    }
    match mutant.bug {
        Bug::NoExpiryIsRecorded => drop(mutant.sound.recorded().remove(token.id.as_str())),
        Bug::ExpiryIsCutToSeconds => {
            mutant.sound.recorded().insert(token.id.as_str().to_owned(), cut(token.expires));
        }
        _ => {}
    }
    outcome
}

async fn insert(mutant: &Mutant, token: &TokenSchema) -> AdapterResult<()> {
    let sound = &mutant.sound;
    let stored = mutant.find(&token.id, |_| true).await?;
    match (mutant.bug, stored) {
        (Bug::DuplicateReplaces, Some(stored)) => {
            sound.take_token(&stored.kind, &stored.id).await?;
            sound.set_token(token).await
        }
        (Bug::DuplicateIsSwallowed, Some(_)) => Ok(()),
        (Bug::DuplicateOfAnotherKindIsSwallowed, Some(stored)) if stored.kind != token.kind => Ok(()),
        (Bug::DuplicateIsCheckedFirst, None) => {
            tokio::task::yield_now().await;
            sound.take_token(&token.kind, &token.id).await?;
            sound.set_token(token).await
        }
        (Bug::UsersAreOnlyChecked | Bug::UnknownUserIsRefused, None) => match &token.user_id {
            Some(user_id) if sound.memory.get_user(user_id).await?.is_none() => Err(Kind::InvalidUserId.into()),
            _ => sound.set_token(token).await,
        },
        _ => sound.set_token(token).await,
    }
}

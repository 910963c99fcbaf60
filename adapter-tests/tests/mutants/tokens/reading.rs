//! Bugs of reads, and of taking.

use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, TokenAdapter as _, TokenId, TokenKind, TokenSchema, UnixMillis,
};

use super::{
    mutant::{Bug, Mutant},
    store::NOW,
};

/// Compares a kind with a pattern in which `_` is any character.
fn is_like(kind: &TokenKind, pattern: &TokenKind) -> bool {
    let (kind, pattern) = (kind.as_str(), pattern.as_str());
    kind.len() == pattern.len() && kind.bytes().zip(pattern.bytes()).all(|(one, other)| other == b'_' || one == other)
}

/// Returns the kind by which the token is found, or another one if there is none.
async fn kind_of(mutant: &Mutant, kind: &TokenKind, id: &TokenId, any: bool) -> AdapterResult<TokenKind> {
    let found = match mutant.bug {
        _ if any => mutant.find(id, |_| true).await?,
        Bug::KindIsAPattern => mutant.find(id, |stored| is_like(stored, kind)).await?,
        Bug::KindIsAPrefix => mutant.find(id, |stored| stored.as_str().starts_with(kind.as_str())).await?,
        _ => None,
    };
    Ok(found.map_or_else(|| kind.clone(), |token| token.kind))
}

pub(super) async fn get(mutant: &Mutant, kind: &TokenKind, id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
    let asked = id;
    let id = &mutant.spelled(id);
    let kind = kind_of(mutant, kind, id, mutant.bug == Bug::GetIgnoresTheKind).await?;
    let found = mutant.sound.get_token(&kind, id).await?.map(|token| TokenSchema { id: asked.clone(), ..token });
    match (mutant.bug, found) {
        (Bug::GetOfNothingFails, None) => Err(Kind::Decode.into()),
        (Bug::EmptyTextIsNull, Some(token)) if token.data.is_empty() => Ok(Some(token.with_data("null"))),
        (Bug::ExpiryIsCutToSeconds, Some(token)) => Ok(Some(token).filter(|token| NOW <= cut(token.expires))),
        (Bug::IdsIgnoreCase, None) => mutant.sound.get_token(&kind, &id.as_str().to_lowercase().into()).await,
        (Bug::CounterIsAToken, None) => {
            let counter = mutant.counters().get(id.as_str()).map(|counter| counter.expires);
            Ok(counter.map(|expires| TokenSchema::new(id.clone(), kind, expires)))
        }
        (_, found) => Ok(found),
    }
}

pub(super) async fn take(mutant: &Mutant, kind: &TokenKind, id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
    let (asked, sound) = (id, &mutant.sound);
    let id = &mutant.spelled(id);
    let kind = kind_of(mutant, kind, id, mutant.bug == Bug::TakeIgnoresTheKind).await?;
    let taken = match mutant.bug {
        Bug::TakeKeeps => sound.get_token(&kind, id).await?,
        Bug::TakeTakesSteps => {
            let found = sound.get_token(&kind, id).await?;
            tokio::task::yield_now().await;
            sound.take_token(&kind, id).await?;
            found
        }
        _ => sound.take_token(&kind, id).await?,
    };
    if taken.is_none() && mutant.bug == Bug::TakeOfNothingFails {
        return Err(Kind::Conflict.into());
    }
    if let Some(token) = &taken {
        mutant.taken().insert(token.id.clone());
        if let (Some(mut index), Some(user_id)) = (mutant.index(), &token.user_id)
            && mutant.bug != Bug::EntryOutlivesTake
            && let Some(ids) = index.get_mut(user_id)
        {
            ids.remove(id);
        }
    }
    Ok(taken.map(|token| TokenSchema { id: asked.clone(), ..token }))
}

pub(super) fn cut(time: UnixMillis) -> UnixMillis {
    UnixMillis::new(time.get() / 1_000 * 1_000)
}

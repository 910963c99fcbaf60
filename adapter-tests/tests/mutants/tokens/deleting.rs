//! Bugs of deletions.

use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, TokenAdapter as _, TokenId, TokenKind, TokenSchema, UnixMillis, UserId,
};

use super::mutant::{Bug, Mutant};

const PAGE: usize = 1_000;

pub(super) async fn delete(mutant: &Mutant, kind: Option<&TokenKind>, user_id: &UserId) -> AdapterResult<()> {
    let sound = &mutant.sound;
    let seen = mutant.seen().clone();
    match (mutant.bug, kind) {
        (Bug::DeleteIgnoresTheKind, _) => sound.delete_tokens(None, user_id).await,
        (Bug::DeleteOfAllKindsDeletesOne, None) => {
            let kind = seen.iter().find(|token| token.user_id.as_ref() == Some(user_id)).map(|token| &token.kind);
            match kind {
                Some(kind) => sound.delete_tokens(Some(kind), user_id).await,
                None => Ok(()),
            }
        }
        (Bug::DeleteTakesTokensWithoutAUser, _) => {
            for token in seen.iter().filter(|token| token.user_id.is_none()) {
                sound.take_token(&token.kind, &token.id).await?;
            }
            sound.delete_tokens(kind, user_id).await
        }
        (Bug::DeleteIsByPrefix, _) => {
            let users = seen.iter().filter_map(|token| token.user_id.as_ref());
            for other in users.filter(|other| other.as_str().starts_with(user_id.as_str())) {
                sound.delete_tokens(kind, other).await?;
            }
            Ok(())
        }
        (Bug::DeleteOfNobodyFails, _) => {
            if seen.iter().all(|token| token.user_id.as_ref() != Some(user_id)) {
                return Err(Kind::InvalidUserId.into());
            }
            sound.delete_tokens(kind, user_id).await
        }
        _ => match mutant.index().map(|index| index.get(user_id).cloned().unwrap_or_default()) {
            Some(ids) => by_index(mutant, kind, user_id, ids.into_iter().collect()).await,
            None => sound.delete_tokens(kind, user_id).await,
        },
    }
}

/// Deletes the tokens that an index names, whoever they belong to.
async fn by_index(
    mutant: &Mutant,
    kind: Option<&TokenKind>,
    user_id: &UserId,
    mut ids: Vec<TokenId>,
) -> AdapterResult<()> {
    if mutant.bug == Bug::DeleteTakesOnePage {
        ids.truncate(PAGE);
    }
    if mutant.bug == Bug::DeleteForgetsWhatIsSetMeanwhile {
        tokio::task::yield_now().await;
    }
    for id in &ids {
        let found = mutant.find(id, |stored| kind.is_none_or(|kind| kind == stored)).await?;
        let Some(TokenSchema { kind, .. }) = found else { continue };
        mutant.sound.take_token(&kind, id).await?;
        if let Some(ids) = mutant.index().as_mut().and_then(|index| index.get_mut(user_id))
            && mutant.bug != Bug::EntryOutlivesDelete
        {
            ids.remove(id);
        }
    }
    if mutant.bug == Bug::DeleteForgetsWhatIsSetMeanwhile
        && kind.is_none()
        && let Some(mut index) = mutant.index()
    {
        index.remove(user_id);
    }
    Ok(())
}

pub(super) async fn delete_expired(mutant: &Mutant, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
    let sound = &mutant.sound;
    match mutant.bug {
        Bug::DeleteExpiredTakesTheBoundary => sound.delete_expired_tokens(UnixMillis::new(now.get() + 1), limit).await,
        Bug::DeleteExpiredStopsEarly => sound.delete_expired_tokens(UnixMillis::new(now.get() - 1), limit).await,
        Bug::DeleteExpiredIgnoresTheLimit => sound.delete_expired_tokens(now, usize::MAX).await,
        Bug::DeleteExpiredDeletes => sound.memory.delete_expired_tokens(now, limit).await,
        bug if bug.counts() && !sound.expires_records => {
            let tokens = sound.delete_expired_tokens(now, limit).await?;
            let limit = if bug == Bug::DeleteExpiredLimitsEach { limit } else { limit - tokens };
            Ok(if bug == Bug::DeleteExpiredLeavesCounters { tokens } else { tokens + counters(mutant, now, limit) })
        }
        _ => sound.delete_expired_tokens(now, limit).await,
    }
}

fn counters(mutant: &Mutant, now: UnixMillis, limit: usize) -> usize {
    let mut counters = mutant.counters();
    let dead = counters.iter().filter(|(_, counter)| counter.expires < now).take(limit);
    let dead: Vec<_> = dead.map(|(key, _)| key.clone()).collect();
    for key in &dead {
        counters.remove(key);
    }
    dead.len()
}

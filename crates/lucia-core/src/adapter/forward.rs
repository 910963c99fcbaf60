//! Implements the traits for `Arc<T>`, `Box<T>` and `&'static T`, including trait objects.
//!
//! An impl for every `Deref` type would conflict with those of wrappers that implement `Deref`.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{Adapter, SessionAdapter, SessionPage, SessionScan, TokenAdapter, UserAdapter};
use crate::{
    AdapterResult, Count, KeyId, KeySchema, KeyUpdate, SessionId, SessionSchema, SessionUpdate, TokenId, TokenKind,
    TokenSchema, UnixMillis, UserId, UserSchema, UserUpdate,
};

macro_rules! forward {
    ($pointer:ty) => {
        #[async_trait]
        #[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
        impl<T: Adapter + ?Sized> Adapter for $pointer {
            async fn get_session_and_user(
                &self,
                session_id: &SessionId,
            ) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
                (**self).get_session_and_user(session_id).await
            }
            async fn get_first_session_and_user(
                &self,
                session_ids: &[SessionId],
            ) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
                (**self).get_first_session_and_user(session_ids).await
            }
            async fn get_sessions_and_users(
                &self,
                session_ids: &[SessionId],
            ) -> AdapterResult<Vec<(SessionSchema, UserSchema)>> {
                (**self).get_sessions_and_users(session_ids).await
            }
            async fn set_session_and_get_user(&self, session: &SessionSchema) -> AdapterResult<UserSchema> {
                (**self).set_session_and_get_user(session).await
            }
        }

        #[async_trait]
        #[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
        impl<T: UserAdapter + ?Sized> UserAdapter for $pointer {
            async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>> {
                (**self).get_user(user_id).await
            }
            async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()> {
                (**self).set_user(user, key).await
            }
            async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> AdapterResult<()> {
                (**self).update_user(user_id, update).await
            }
            async fn delete_user(&self, user_id: &UserId) -> AdapterResult<()> {
                (**self).delete_user(user_id).await
            }
            async fn get_key(&self, key_id: &KeyId) -> AdapterResult<Option<KeySchema>> {
                (**self).get_key(key_id).await
            }
            async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
                (**self).get_keys_by_user_id(user_id).await
            }
            async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
                (**self).set_key(key).await
            }
            async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
                (**self).update_key(key_id, update).await
            }
            async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()> {
                (**self).delete_key(key_id).await
            }
            async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
                (**self).delete_keys_by_user_id(user_id).await
            }
        }

        #[async_trait]
        #[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
        impl<T: SessionAdapter + ?Sized> SessionAdapter for $pointer {
            async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
                (**self).get_session(session_id).await
            }
            async fn get_sessions(&self, session_ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
                (**self).get_sessions(session_ids).await
            }
            async fn get_first_session(&self, session_ids: &[SessionId]) -> AdapterResult<Option<SessionSchema>> {
                (**self).get_first_session(session_ids).await
            }
            async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
                (**self).get_sessions_by_user_id(user_id).await
            }
            async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
                (**self).set_session(session).await
            }
            async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
                (**self).update_session(session_id, update).await
            }
            async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
                (**self).delete_session(session_id).await
            }
            fn frees_ids(&self) -> bool {
                (**self).frees_ids()
            }
            async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
                (**self).delete_sessions_by_user_id(user_id).await
            }
            async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
                (**self).delete_expired_sessions(now, limit).await
            }
            async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
                (**self).delete_other_sessions(user_id, keep).await
            }
            async fn delete_oldest_sessions(
                &self,
                user_id: &UserId,
                keep: &SessionId,
                created_at: &str,
                max: usize,
            ) -> AdapterResult<()> {
                (**self).delete_oldest_sessions(user_id, keep, created_at, max).await
            }
            async fn rotate_session(
                &self,
                old: &SessionId,
                new: &SessionId,
                update: &SessionUpdate,
            ) -> AdapterResult<()> {
                (**self).rotate_session(old, new, update).await
            }
        }

        #[async_trait]
        impl<T: SessionScan + ?Sized> SessionScan for $pointer {
            async fn scan_sessions(&self, cursor: Option<&str>, limit: usize) -> AdapterResult<SessionPage> {
                (**self).scan_sessions(cursor, limit).await
            }
        }

        #[async_trait]
        #[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
        impl<T: TokenAdapter + ?Sized> TokenAdapter for $pointer {
            async fn get_token(&self, kind: &TokenKind, token_id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
                (**self).get_token(kind, token_id).await
            }
            async fn set_token(&self, token: &TokenSchema) -> AdapterResult<()> {
                (**self).set_token(token).await
            }
            async fn take_token(&self, kind: &TokenKind, token_id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
                (**self).take_token(kind, token_id).await
            }
            async fn delete_tokens(&self, kind: Option<&TokenKind>, user_id: &UserId) -> AdapterResult<()> {
                (**self).delete_tokens(kind, user_id).await
            }
            async fn add_to_counter(
                &self,
                key: &str,
                by: i64,
                window: Duration,
                now: UnixMillis,
            ) -> AdapterResult<Count> {
                (**self).add_to_counter(key, by, window, now).await
            }
            async fn delete_expired_tokens(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
                (**self).delete_expired_tokens(now, limit).await
            }
        }
    };
}

forward!(Arc<T>);
forward!(Box<T>);
forward!(&'static T);

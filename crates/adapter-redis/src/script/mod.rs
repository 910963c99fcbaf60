//! The scripts that run inside Redis. A script is atomic and takes one round trip.
//!
//! The scripts run on Redis 6.2 and use features of newer versions if available. They return errors of their first
//! write unchanged, because Redis 6.2 wraps errors that a script raises and hides their kind. They read JSON but never
//! write it.

mod reply;

use redis::{Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, ServerErrorKind, aio::ConnectionLike};

pub(crate) use self::reply::Reply;
use crate::{error::Error, key::Key, replicas::Replicas};

/// A script, which the server caches by its hash.
#[derive(Debug)]
pub(crate) struct Script {
    code: &'static str,
    hash: String,
}

impl Script {
    fn new(code: &'static str) -> Self {
        Self { code, hash: redis::Script::new(code).get_hash().to_owned() }
    }

    /// Returns `true` if `text` is the hash or the code of this script.
    #[cfg(feature = "upstash")]
    fn is(&self, text: &[u8]) -> bool {
        text == self.hash.as_bytes() || text == self.code.as_bytes()
    }

    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        connection: &mut impl ConnectionLike,
        keys: &[Key<'_>],
        arguments: &[&[u8]],
    ) -> Result<T, RedisError> {
        match command("EVALSHA", &self.hash, keys, arguments).query_async(connection).await {
            Err(error) if is_unknown(&error) => {
                command("EVAL", self.code, keys, arguments).query_async(connection).await
            }
            outcome => outcome,
        }
    }

    /// Runs the script and waits for the confirmation of replicas. Sends both commands on one connection, because
    /// `WAIT` applies to the writes of its connection.
    pub(crate) async fn run_confirmed<T: FromRedisValue>(
        &self,
        connection: &mut impl ConnectionLike,
        replicas: Option<Replicas>,
        keys: &[Key<'_>],
        arguments: &[&[u8]],
    ) -> Result<T, Error> {
        let Some(replicas) = replicas else {
            return Ok(self.run(connection, keys, arguments).await?);
        };
        let pipeline = |name, script| {
            let mut pipeline = Pipeline::new();
            pipeline.add_command(command(name, script, keys, arguments)).add_command(replicas.wait());
            pipeline
        };
        let outcome = match pipeline("EVALSHA", &self.hash).query_async(connection).await {
            Err(error) if is_unknown(&error) => pipeline("EVAL", self.code).query_async(connection).await,
            outcome => outcome,
        };
        let (reply, found) = outcome?;
        replicas.check(found)?;
        Ok(reply)
    }
}

fn command(name: &str, script: &str, keys: &[Key<'_>], arguments: &[&[u8]]) -> Cmd {
    let length = keys.iter().map(|key| key.len()).chain(arguments.iter().map(|argument| argument.len())).sum::<usize>();
    let mut command = Cmd::with_capacity(3 + keys.len() + arguments.len(), name.len() + script.len() + 4 + length);
    command.arg(name).arg(script).arg(keys.len()).arg(keys).arg(arguments);
    command
}

/// Returns `true` if the server has not cached the script.
fn is_unknown(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}

/// All scripts. Each of those for clusters uses one key, as do those for a token or a counter alone.
#[derive(Debug)]
pub(crate) struct Scripts {
    pub(crate) create: Script,
    pub(crate) swap: Script,
    pub(crate) renew: Script,
    pub(crate) rotate: Script,
    pub(crate) delete: Script,
    pub(crate) revoke: Script,
    pub(crate) delete_oldest: Script,
    pub(crate) delete_expired_entries: Script,
    pub(crate) list: Script,
    pub(crate) cluster_members: Script,
    pub(crate) cluster_announce: Script,
    pub(crate) cluster_settle: Script,
    pub(crate) cluster_delete_expired_announcements: Script,
    pub(crate) cluster_enter: Script,
    pub(crate) cluster_leave: Script,
    pub(crate) cluster_create: Script,
    pub(crate) cluster_swap: Script,
    pub(crate) cluster_delete: Script,
    pub(crate) cluster_take: Script,
    pub(crate) cluster_revoke: Script,
    pub(crate) cluster_scan: Script,
    pub(crate) set_token: Script,
    pub(crate) take_token: Script,
    pub(crate) delete_tokens: Script,
    pub(crate) cluster_enter_token: Script,
    pub(crate) cluster_delete_token: Script,
    pub(crate) add_to_counter: Script,
}

impl Scripts {
    /// Returns `true` if running a script twice has the same effect as running it once. It is given by its hash or its
    /// code, and only reads or deletes, or recognises the repeated call.
    #[cfg(feature = "upstash")]
    pub(crate) fn is_idempotent(&self, script: &[u8]) -> bool {
        let sessions = [&self.delete, &self.revoke, &self.delete_oldest, &self.list, &self.delete_expired_entries];
        let tokens = [&self.set_token, &self.take_token, &self.delete_tokens, &self.add_to_counter];
        sessions.iter().chain(&tokens).any(|own| own.is(script))
    }

    pub(crate) fn new() -> Self {
        Self {
            create: Script::new(concat!(
                include_str!("create.lua"),
                include_str!("migrate.lua"),
                include_str!("enter.lua"),
                include_str!("create_otherwise.lua")
            )),
            swap: Script::new(concat!(
                include_str!("read.lua"),
                include_str!("migrate.lua"),
                include_str!("enter.lua"),
                include_str!("swap.lua")
            )),
            renew: Script::new(concat!(
                include_str!("read.lua"),
                include_str!("migrate.lua"),
                include_str!("enter.lua"),
                include_str!("reserved.lua"),
                include_str!("renew.lua")
            )),
            rotate: Script::new(concat!(
                include_str!("read.lua"),
                include_str!("migrate.lua"),
                include_str!("enter.lua"),
                include_str!("rotate.lua")
            )),
            delete: Script::new(concat!(
                include_str!("read.lua"),
                include_str!("owner.lua"),
                include_str!("delete.lua")
            )),
            revoke: Script::new(concat!(
                include_str!("read.lua"),
                include_str!("is_session.lua"),
                include_str!("migrate.lua"),
                include_str!("owner.lua"),
                include_str!("reserved.lua"),
                include_str!("revoke.lua")
            )),
            delete_oldest: Script::new(concat!(
                include_str!("read.lua"),
                include_str!("is_session.lua"),
                include_str!("migrate.lua"),
                include_str!("reserved.lua"),
                include_str!("delete_oldest.lua")
            )),
            list: Script::new(concat!(
                include_str!("read.lua"),
                include_str!("is_session.lua"),
                include_str!("migrate.lua"),
                include_str!("reserved.lua"),
                include_str!("list.lua")
            )),
            delete_expired_entries: Script::new(concat!(
                include_str!("read.lua"),
                include_str!("owner.lua"),
                include_str!("delete_expired_entries.lua")
            )),
            cluster_members: Script::new(concat!(
                include_str!("read.lua"),
                include_str!("is_session.lua"),
                include_str!("migrate.lua"),
                include_str!("cluster_members.lua")
            )),
            cluster_announce: Script::new(concat!(
                include_str!("migrate.lua"),
                include_str!("enter.lua"),
                include_str!("cluster_announce.lua")
            )),
            cluster_settle: Script::new(concat!(
                include_str!("migrate.lua"),
                include_str!("enter.lua"),
                include_str!("cluster_settle.lua")
            )),
            cluster_delete_expired_announcements: Script::new(include_str!("cluster_delete_expired_announcements.lua")),
            cluster_enter: Script::new(concat!(
                include_str!("migrate.lua"),
                include_str!("enter.lua"),
                include_str!("cluster_enter.lua")
            )),
            cluster_leave: Script::new(concat!(include_str!("migrate.lua"), include_str!("cluster_leave.lua"))),
            cluster_create: Script::new(include_str!("cluster_create.lua")),
            cluster_swap: Script::new(concat!(include_str!("read.lua"), include_str!("cluster_swap.lua"))),
            cluster_delete: Script::new(concat!(include_str!("read.lua"), include_str!("cluster_delete.lua"))),
            cluster_take: Script::new(concat!(include_str!("read.lua"), include_str!("cluster_take.lua"))),
            cluster_revoke: Script::new(concat!(
                include_str!("read.lua"),
                include_str!("owner.lua"),
                include_str!("cluster_revoke.lua")
            )),
            cluster_scan: Script::new(include_str!("cluster_scan.lua")),
            set_token: Script::new(concat!(include_str!("enter_token.lua"), include_str!("set_token.lua"))),
            take_token: Script::new(include_str!("take_token.lua")),
            delete_tokens: Script::new(concat!(include_str!("delete_token.lua"), include_str!("delete_tokens.lua"))),
            cluster_enter_token: Script::new(concat!(
                include_str!("enter_token.lua"),
                include_str!("cluster_enter_token.lua")
            )),
            cluster_delete_token: Script::new(concat!(
                include_str!("delete_token.lua"),
                include_str!("cluster_delete_token.lua")
            )),
            add_to_counter: Script::new(include_str!("add_to_counter.lua")),
        }
    }
}

//! Checks prefixes in a Redis database: accepted prefixes keep sessions and indexes apart for any ids.
#![no_main]

use std::{
    mem,
    sync::{Arc, Mutex},
};

use adapter_redis::{
    ConnectionError, Connections, RedisConfig, RedisSessionAdapter, Topology,
    redis::{Arg, Cmd, Pipeline, RedisFuture, Value, aio::ConnectionLike},
};
use futures_util::FutureExt as _;
use libfuzzer_sys::fuzz_target;
use lucia_core::SessionAdapter as _;

// Separated by unit separators: two prefixes and two ids.
fuzz_target!(|input: &str| {
    let mut parts = input.splitn(4, '\x1f');
    let [session, user_session, session_id, user_id] = [(); 4].map(|()| parts.next().unwrap_or_default());
    let recorder = Recorder::default();
    let config = RedisConfig::new().session_prefix(session).user_sessions_prefix(user_session);
    let made = RedisSessionAdapter::with_config(recorder.clone(), config).now_or_never().expect("nobody waits");
    let Ok(adapter) = made else {
        return;
    };
    let asked = || mem::take(&mut *recorder.commands.lock().expect("one thread"));
    asked_nothing_but_hello(asked());
    adapter.get_session(&session_id.into()).now_or_never().expect("nobody waits").expect("no session");
    let session_key = match &asked()[..] {
        [get] if get[0] == b"GET" => get[1].clone(),
        others => panic!("{others:?}"),
    };
    adapter.get_sessions_by_user_id(&user_id.into()).now_or_never().expect("nobody waits").expect("no sessions");
    let index_key = match &asked()[..] {
        [count, sort] if count[0] == b"SCARD" && sort[0] == b"SORT_RO" => {
            assert_eq!(count[1], sort[1]);
            assert_eq!(sort.last(), Some(&format!("{session}:*").into_bytes()));
            count[1].clone()
        }
        // The prefix would be a pattern of `SORT_RO`.
        [list] if list[0] == b"EVALSHA" => list[3].clone(),
        others => panic!("{others:?}"),
    };
    assert_eq!(session_key, format!("{session}:{session_id}").into_bytes());
    assert_eq!(index_key, format!("{user_session}:{user_id}").into_bytes());
    assert_ne!(session_key, index_key);
});

fn asked_nothing_but_hello(mut commands: Vec<Vec<Vec<u8>>>) {
    // With the default prefix, an index of Lucia JS is looked for.
    commands.retain(|command| command[0] != b"SCAN");
    assert_eq!(commands, [[b"HELLO".to_vec()]]);
}

/// An empty Redis server that records the commands.
#[derive(Clone, Default)]
struct Recorder {
    commands: Arc<Mutex<Vec<Vec<Vec<u8>>>>>,
}

impl Connections for Recorder {
    type Connection = Self;
    const TOPOLOGY: Topology = Topology::Single;

    async fn connection(&self) -> Result<Self, ConnectionError> {
        Ok(self.clone())
    }
}

impl Recorder {
    fn reply(&self, command: &Cmd) -> Value {
        let words = command.args_iter().map(|word| match word {
            Arg::Simple(word) => word.to_vec(),
            _ => panic!("no command has a cursor"),
        });
        let words: Vec<_> = words.collect();
        let text = |text: &str| Value::BulkString(text.as_bytes().to_vec());
        let reply = match words[0].as_slice() {
            b"HELLO" => Value::Array(["version", "7.0.0", "mode", "standalone"].map(text).to_vec()),
            b"SCAN" => Value::Array(vec![text("0"), Value::Array(Vec::new())]),
            b"GET" => Value::Nil,
            b"SCARD" => Value::Int(0),
            b"EVALSHA" => Value::Array(vec![Value::Array(Vec::new()), Value::Nil]),
            _ => Value::Array(Vec::new()),
        };
        self.commands.lock().expect("one thread").push(words);
        reply
    }
}

impl ConnectionLike for Recorder {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        let reply = self.reply(command);
        async move { Ok(reply) }.boxed()
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        _: usize,
        _: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        let replies = pipeline.cmd_iter().map(|command| self.reply(command)).collect();
        async move { Ok(replies) }.boxed()
    }

    fn get_db(&self) -> i64 {
        0
    }
}

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
    let asked = |command: &[u8], key: usize| {
        let commands = mem::take(&mut *recorder.commands.lock().expect("one thread"));
        assert_eq!((commands.len(), commands[0][0].as_slice()), (1, command));
        commands[0][key].clone()
    };
    asked_nothing_but_hello(&recorder);
    adapter.get_session(&session_id.into()).now_or_never().expect("nobody waits").expect("no session");
    let session_key = asked(b"GET", 1);
    adapter.get_sessions_by_user_id(&user_id.into()).now_or_never().expect("nobody waits").expect("no sessions");
    let index_key = asked(b"EVALSHA", 3);
    assert_eq!(session_key, format!("{session}:{session_id}").into_bytes());
    assert_eq!(index_key, format!("{user_session}:{user_id}").into_bytes());
    assert_ne!(session_key, index_key);
});

fn asked_nothing_but_hello(recorder: &Recorder) {
    let mut commands = mem::take(&mut *recorder.commands.lock().expect("one thread"));
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

impl ConnectionLike for Recorder {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
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
            b"EVALSHA" => Value::Array(vec![Value::Array(Vec::new()), Value::Nil]),
            _ => Value::Array(Vec::new()),
        };
        self.commands.lock().expect("one thread").push(words);
        async move { Ok(reply) }.boxed()
    }

    fn req_packed_commands<'a>(&'a mut self, _: &'a Pipeline, _: usize, _: usize) -> RedisFuture<'a, Vec<Value>> {
        async { panic!("a read is one command") }.boxed()
    }

    fn get_db(&self) -> i64 {
        0
    }
}

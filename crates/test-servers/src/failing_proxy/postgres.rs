//! The protocol of Postgres: messages of a type, a length and a body.

use std::{
    collections::{HashMap, VecDeque},
    io::{self, Read, Write},
    net::TcpStream,
    sync::{Mutex, PoisonError},
};

use super::{Conflict, plan::Plan};

/// The first message of a connection that asks for encryption with TLS or GSSAPI.
const ENCRYPTION_REQUESTS: [u32; 2] = [80_877_103, 80_877_104];

/// The replies that the server owes. Each ends with a `ReadyForQuery`. `true` for those that the client must not see.
#[derive(Debug, Default)]
pub(super) struct Replies(Mutex<VecDeque<bool>>);

impl Replies {
    fn expect(&self, hidden: bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(hidden);
    }

    /// Returns `true` if a message of this type is hidden.
    fn hides(&self, kind: u8) -> bool {
        let mut replies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hidden = replies.front().copied().unwrap_or(false);
        if kind == b'Z' {
            replies.pop_front();
        }
        hidden
    }
}

/// Carries what a client sends, except for the statements that fail. The server fails in their place.
pub(super) fn carry_requests(
    plan: &Plan,
    replies: &Replies,
    mut client: &TcpStream,
    mut server: &TcpStream,
) -> io::Result<()> {
    let startup = loop {
        let message = read(&mut client, None)?;
        let code = message.get(4..8).and_then(|code| Some(u32::from_be_bytes(code.try_into().ok()?)));
        if !code.is_some_and(|code| ENCRYPTION_REQUESTS.contains(&code)) {
            break message;
        }
        client.write_all(b"N")?;
    };
    replies.expect(false);
    server.write_all(&startup)?;

    let mut prepared = HashMap::new();
    let (mut batch, mut statement) = (Vec::new(), None);
    let (mut is_executed, mut in_transaction) = (false, false);
    loop {
        let kind = read_kind(&mut client)?;
        let message = read(&mut client, Some(kind))?;
        let mut texts = message[5..].split(|byte| *byte == 0).map(|text| String::from_utf8_lossy(text).into_owned());
        match kind {
            b'Q' => statement = texts.next(),
            b'P' => {
                let (name, sql) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
                prepared.insert(name, sql.clone());
                statement = Some(sql);
            }
            b'B' => statement = texts.nth(1).and_then(|name| prepared.get(&name).cloned()),
            _ => {}
        }
        is_executed |= matches!(kind, b'Q' | b'E');
        batch.extend(message);
        let ends_reply = matches!(kind, b'Q' | b'S');
        // The other messages are parts of a batch, which ends with a `Sync`.
        if !ends_reply && matches!(kind, b'P' | b'B' | b'D' | b'E' | b'C') {
            continue;
        }
        let sql = if ends_reply { statement.take() } else { None };
        if is_executed && let Some(sql) = &sql {
            let keeps_open = in_transaction && !sql.starts_with("COMMIT") && !sql.starts_with("ROLLBACK");
            in_transaction = keeps_open || sql.starts_with("BEGIN");
        }
        let commits = is_executed && !in_transaction && !sql.as_deref().is_some_and(|sql| sql.starts_with("SELECT"));
        is_executed &= !ends_reply;
        match sql.as_deref().and_then(|sql| Some((sql, plan.next(sql, commits)?))) {
            None => {
                if ends_reply {
                    replies.expect(false);
                }
                server.write_all(&batch)?;
            }
            Some((sql, conflict)) => {
                if conflict == Conflict::LostCommit {
                    replies.expect(true);
                    server.write_all(&batch)?;
                } else if sql == "COMMIT" {
                    // After a failed commit, there is no transaction.
                    replies.expect(true);
                    server.write_all(&query("ROLLBACK"))?;
                }
                replies.expect(false);
                server.write_all(&query(raise(conflict)))?;
            }
        }
        batch.clear();
    }
}

/// Carries what the server sends.
pub(super) fn carry_replies(replies: &Replies, mut server: &TcpStream, mut client: &TcpStream) -> io::Result<()> {
    loop {
        let kind = read_kind(&mut server)?;
        let message = read(&mut server, Some(kind))?;
        if !replies.hides(kind) {
            client.write_all(&message)?;
        }
    }
}

/// Returns a statement that fails as one that conflicts with another transaction does.
const fn raise(conflict: Conflict) -> &'static str {
    match conflict {
        Conflict::Serialization => {
            "DO $$BEGIN RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'; END$$"
        }
        Conflict::Deadlock => "DO $$BEGIN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END$$",
        Conflict::LockTimeout => {
            "DO $$BEGIN RAISE EXCEPTION 'canceling statement due to lock timeout' USING ERRCODE = '55P03'; END$$"
        }
        Conflict::LostCommit => "DO $$BEGIN RAISE EXCEPTION 'lost the server' USING ERRCODE = '58000'; END$$",
    }
}

fn query(sql: &str) -> Vec<u8> {
    let length = u32::try_from(sql.len() + 5).unwrap_or(u32::MAX);
    [b"Q", &length.to_be_bytes()[..], sql.as_bytes(), b"\0"].concat()
}

fn read_kind(from: &mut impl Read) -> io::Result<u8> {
    let mut kind = [0];
    from.read_exact(&mut kind)?;
    Ok(kind[0])
}

/// Reads the rest of a message, and returns it with its type. The first one of a client has none.
fn read(from: &mut impl Read, kind: Option<u8>) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let body = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX).saturating_sub(4);
    let mut message: Vec<_> = kind.into_iter().chain(length).collect();
    let start = message.len();
    message.resize(start + body, 0);
    from.read_exact(&mut message[start..])?;
    Ok(message)
}

//! The protocol of MySQL and MariaDB: packets of a length, a number and a body. The client waits for each reply.

use std::{
    collections::HashMap,
    io::{self, Read, Write},
    net::TcpStream,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Conflict, plan::Plan};

const QUERY: u8 = 3;
const PREPARE: u8 = 22;
const EXECUTE: u8 = 23;

/// What both directions of a connection must know.
#[derive(Debug, Default)]
pub(super) struct Session(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// `true` if the client must not see the next packet.
    hides_next: bool,
    /// The text whose statement id is in the next packet.
    preparing: Option<String>,
    prepared: HashMap<[u8; 4], String>,
}

impl Session {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the text of the statement in a packet.
    fn statement(&self, packet: &[u8]) -> Option<String> {
        let (command, rest) = match packet {
            [_, _, _, 0, command, rest @ ..] => (*command, rest),
            _ => return None,
        };
        match command {
            QUERY | PREPARE => Some(String::from_utf8_lossy(rest).into_owned()),
            EXECUTE => self.state().prepared.get(rest.get(..4)?).cloned(),
            _ => None,
        }
    }
}

/// Carries what a client sends, except for the statements that fail. The server fails in their place.
pub(super) fn carry_requests(
    plan: &Plan,
    session: &Session,
    mut client: &TcpStream,
    mut server: &TcpStream,
) -> io::Result<()> {
    loop {
        let packet = read(&mut client)?;
        let statement = session.statement(&packet);
        let next = |sql: &str| plan.next(sql, sql == "COMMIT");
        let Some((sql, conflict)) = statement.as_deref().and_then(|sql| Some((sql, next(sql)?))) else {
            session.state().preparing = statement.filter(|_| packet[4] == PREPARE);
            server.write_all(&packet)?;
            continue;
        };
        if conflict == Conflict::LostCommit {
            session.state().hides_next = true;
            server.write_all(&packet)?;
        } else if sql == "COMMIT" || conflict != Conflict::LockTimeout {
            session.state().hides_next = true;
            server.write_all(&query("ROLLBACK"))?;
        }
        server.write_all(&query(signal(conflict)))?;
    }
}

/// Carries what the server sends.
pub(super) fn carry_replies(session: &Session, mut server: &TcpStream, mut client: &TcpStream) -> io::Result<()> {
    loop {
        let packet = read(&mut server)?;
        {
            let mut state = session.state();
            if std::mem::take(&mut state.hides_next) {
                continue;
            }
            if let (Some(sql), [0, a, b, c, d, ..]) = (state.preparing.take(), &packet[4..]) {
                state.prepared.insert([*a, *b, *c, *d], sql);
            }
        }
        client.write_all(&packet)?;
    }
}

/// Returns a statement that fails as one that conflicts with another transaction does.
const fn signal(conflict: Conflict) -> &'static str {
    match conflict {
        Conflict::Serialization => {
            "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1020, MESSAGE_TEXT = 'Record has changed since last read'"
        }
        Conflict::Deadlock => {
            "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'Deadlock found when trying to get lock'"
        }
        Conflict::LockTimeout => {
            "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1205, MESSAGE_TEXT = 'Lock wait timeout exceeded'"
        }
        Conflict::LostCommit => {
            "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 2013, MESSAGE_TEXT = 'Lost connection to MySQL server during query'"
        }
    }
}

fn query(sql: &str) -> Vec<u8> {
    let length = u32::try_from(sql.len() + 1).unwrap_or(u32::MAX).to_le_bytes();
    [&length[..3], &[0, QUERY], sql.as_bytes()].concat()
}

fn read(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut packet = vec![0; 4];
    from.read_exact(&mut packet)?;
    let length = u32::from_le_bytes([packet[0], packet[1], packet[2], 0]);
    packet.resize(4 + usize::try_from(length).unwrap_or(usize::MAX), 0);
    from.read_exact(&mut packet[4..])?;
    Ok(packet)
}

//! A minimal Redis client, for readiness checks. A driver would bind every test to one release of it.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

/// The timeout of one read or write, because a stopped server does not answer.
const TIMEOUT: Duration = Duration::from_secs(2);

/// A reply in version 2 of the protocol. An error reply is an [`io::Error`].
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    Text(String),
    Integer(i64),
    List(Vec<Self>),
    Null,
}

impl Reply {
    /// Returns the text of the reply, or an empty string if it has another type.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Integer(_) | Self::List(_) | Self::Null => "",
        }
    }

    /// Returns the items of the reply, or an empty slice if it has another type.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            Self::Text(_) | Self::Integer(_) | Self::Null => &[],
        }
    }

    /// Returns the value of a name in a flat list of names and values, the format of the sentinels.
    pub(super) fn field(&self, name: &str) -> &str {
        self.items().chunks_exact(2).find(|pair| pair[0].text() == name).map_or("", |pair| pair[1].text())
    }
}

/// Returns the value of a name in lines of `name:value`, the format of `INFO` and `CLUSTER INFO`.
pub(super) fn info_field<'a>(info: &'a str, name: &str) -> &'a str {
    info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap_or("")
}

/// Sends one command to a server of this machine, over a new connection.
pub(super) fn call(port: u16, command: &[&str]) -> io::Result<Reply> {
    Connection::open(port)?.call(command)
}

/// A connection to a server of this machine, for many commands.
pub(super) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(super) fn open(port: u16) -> io::Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    pub(super) fn call(&mut self, command: &[&str]) -> io::Result<Reply> {
        self.0.get_mut().write_all(&encode(command))?;
        read(&mut self.0)
    }
}

fn encode(command: &[&str]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", command.len()).into_bytes();
    for part in command {
        bytes.extend_from_slice(format!("${}\r\n{part}\r\n", part.len()).as_bytes());
    }
    bytes
}

fn read(reader: &mut impl BufRead) -> io::Result<Reply> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let line = line.trim_end();
    let (kind, rest) = line.split_at_checked(1).ok_or(io::ErrorKind::UnexpectedEof)?;
    match kind {
        "+" => Ok(Reply::Text(rest.to_owned())),
        "-" => Err(io::Error::other(rest.to_owned())),
        ":" => Ok(Reply::Integer(number(rest)?)),
        "$" => match usize::try_from(number(rest)?) {
            Ok(length) => read_text(reader, length),
            Err(_) => Ok(Reply::Null),
        },
        "*" => match usize::try_from(number(rest)?) {
            Ok(length) => (0..length).map(|_| read(reader)).collect::<io::Result<_>>().map(Reply::List),
            Err(_) => Ok(Reply::Null),
        },
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, format!("a reply cannot start with {line:?}"))),
    }
}

fn read_text(reader: &mut impl Read, length: usize) -> io::Result<Reply> {
    let mut bytes = vec![0; length + 2];
    reader.read_exact(&mut bytes)?;
    bytes.truncate(length);
    String::from_utf8(bytes).map(Reply::Text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

fn number(text: &str) -> io::Result<i64> {
    text.parse().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &str) -> io::Result<Reply> {
        read(&mut bytes.as_bytes())
    }

    #[test]
    fn replies_of_every_type_are_read() {
        assert_eq!(parse("+PONG\r\n").unwrap(), Reply::Text("PONG".to_owned()));
        assert_eq!(parse(":-2\r\n").unwrap(), Reply::Integer(-2));
        assert_eq!(parse("$-1\r\n").unwrap(), Reply::Null);
        assert_eq!(parse("$4\r\na\r\nb\r\n").unwrap(), Reply::Text("a\r\nb".to_owned()));
        let list = parse("*4\r\n$4\r\nname\r\n$1\r\nx\r\n$5\r\nflags\r\n$8\r\nmaster,o\r\n").unwrap();
        assert_eq!((list.field("name"), list.field("flags"), list.field("none")), ("x", "master,o", ""));
    }

    #[test]
    fn an_invalid_reply_is_an_error() {
        for bytes in ["", "\r\n", "-ERR no\r\n", "?\r\n", "$x\r\n", "$3\r\na", "*2\r\n:1\r\n", "é\r\n"] {
            assert!(parse(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn fields_are_found_by_their_whole_name() {
        let info = "# Replication\r\nrole:slave\r\nmaster_link_status:up\r\nslave0:ip=127.0.0.1\r\n";
        assert_eq!(
            (info_field(info, "role"), info_field(info, "master_link"), info_field(info, "none")),
            ("slave", "", "")
        );
    }
}

use std::sync::LazyLock;

use lucia_http::Retry;
use redis::{Arg, Cmd};

use crate::script::Scripts;

/// The scripts, to recognise those that may run twice.
static SCRIPTS: LazyLock<Scripts> = LazyLock::new(Scripts::new);

/// The commands that run a script, which is their first argument.
const SCRIPT_COMMANDS: [&[u8]; 2] = [b"EVAL", b"EVALSHA"];

/// The read-only commands among those that the adapter sends.
const READS: [&[u8]; 10] =
    [b"GET", b"HELLO", b"INFO", b"MGET", b"SCAN", b"SCARD", b"SMEMBERS", b"SMISMEMBER", b"SORT_RO", b"SRANDMEMBER"];

/// Returns the failures after which commands are retried: reads and deletions may run twice or late, but another script
/// that runs twice would mistake its own change for that of another writer.
pub(super) fn retry<'a>(mut commands: impl Iterator<Item = &'a Cmd>) -> Retry {
    if commands.all(is_idempotent) { Retry::Always } else { Retry::IfNotExecuted }
}

fn is_idempotent(command: &Cmd) -> bool {
    let mut arguments = command.args_iter();
    let Some(Arg::Simple(name)) = arguments.next() else { return false };
    if SCRIPT_COMMANDS.iter().any(|command| name.eq_ignore_ascii_case(command)) {
        return matches!(arguments.next(), Some(Arg::Simple(script)) if SCRIPTS.is_idempotent(script));
    }
    READS.iter().any(|read| name.eq_ignore_ascii_case(read))
}

#[cfg(test)]
mod tests {
    use redis::cmd;

    use super::*;

    #[test]
    fn scripts_are_not_reads() {
        let commands = ["GET", "mget", "EVALSHA", "eval", "DEL", "WAIT"].map(cmd);
        let retries = commands.each_ref().map(|command| retry([command].into_iter()));
        assert_eq!(retries[..2], [Retry::Always; 2]);
        assert_eq!(retries[2..], [Retry::IfNotExecuted; 4]);
        assert_eq!(retry(commands.iter()), Retry::IfNotExecuted);
    }

    #[test]
    fn scripts_that_only_read_or_delete_are_retried_like_reads() {
        let of = |name: &str, code: &str| retry(std::iter::once(&*cmd(name).arg(code).arg(1).arg("key")));
        let delete = concat!(
            include_str!("../script/read.lua"),
            include_str!("../script/owner.lua"),
            include_str!("../script/delete.lua")
        );
        let hash = redis::Script::new(delete).get_hash().to_owned();
        assert_eq!([of("EVAL", delete), of("EVALSHA", &hash), of("evalsha", &hash)], [Retry::Always; 3]);
        let renew = include_str!("../script/renew.lua");
        assert_eq!([of("EVAL", renew), of("EVALSHA", "0000")], [Retry::IfNotExecuted; 2]);
    }
}

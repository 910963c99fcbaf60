//! Errors of the driver, sorted by what a caller can do about them.

use lucia_core::AdapterErrorKind as Kind;
use redis::{ErrorKind, RedisError};

/// Returns the error without what it quotes: a server that lacks a command quotes its arguments, a parser what it could not
/// parse, and both may be the id of a session.
pub(crate) fn without_values(error: RedisError) -> RedisError {
    let quotes = match error.kind() {
        ErrorKind::Parse | ErrorKind::UnexpectedReturnType => true,
        _ => error.detail().is_some_and(|detail| detail.contains("args beginning with")),
    };
    if quotes { RedisError::from((error.kind(), "details are left out, because they quote values")) } else { error }
}

pub(crate) fn kind(error: &RedisError) -> Kind {
    if is_outage(error) || takes_no_writes(error) {
        Kind::Unavailable
    } else if is_wrong_type(error) || error.kind() == ErrorKind::UnexpectedReturnType {
        Kind::Decode
    } else {
        Kind::Backend
    }
}

/// Whether the server works and has no room left, in its memory or on its disk. Another connection would not help.
fn takes_no_writes(error: &RedisError) -> bool {
    matches!(code(error), Some("OOM" | "MISCONF"))
}

/// Whether a key holds a value of another type than a command is for.
pub(crate) fn is_wrong_type(error: &RedisError) -> bool {
    code(error) == Some("WRONGTYPE")
}

/// Whether the server could not be reached, did not answer in time, or cannot serve at the moment.
pub(crate) fn is_outage(error: &RedisError) -> bool {
    match error.kind() {
        ErrorKind::Io
        | ErrorKind::ClusterConnectionNotFound
        | ErrorKind::MasterNameNotFoundBySentinel
        | ErrorKind::NoValidReplicasFoundBySentinel => true,
        _ => matches!(
            code(error),
            Some(
                "LOADING"
                    | "CLUSTERDOWN"
                    | "MASTERDOWN"
                    | "READONLY"
                    | "TRYAGAIN"
                    | "MOVED"
                    | "ASK"
                    | "BUSY"
                    | "NOREPLICAS"
            )
        ),
    }
}

/// Returns the code of a server's error. Where a command of a script fails, Redis 6.2 puts it after the place in the script: `@user_script: 17: -OOM command not allowed`, or `ERR Error running script (call to f_…): …` and the same.
pub(crate) fn code(error: &RedisError) -> Option<&str> {
    let (code, detail) = (error.code()?, error.detail().unwrap_or_default());
    if !code.starts_with("@user_script") && !detail.starts_with("Error running script") {
        return Some(code);
    }
    let mut words = detail.split(' ').map(|word| word.strip_prefix('-').unwrap_or(word));
    let is_code = |word: &&str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    words.find(is_code).or(Some(code))
}

#[cfg(test)]
mod tests {
    use redis::parse_redis_value;

    use super::*;

    /// As Redis 6.2.14 says it, of `redis.pcall` and of `redis.call`, and 7.0.15.
    #[test]
    fn outages_inside_scripts_are_outages() {
        for (reply, expected) in [
            ("@user_script: 17: -OOM command not allowed when used memory > 'maxmemory'.", Kind::Unavailable),
            ("@user_script: 5: -READONLY You can't write against a read only replica.", Kind::Unavailable),
            (
                "ERR Error running script (call to f_0a9f75e991483d02789696e4c90d26c10395863e): @user_script:1: \
                 @user_script: 1: -NOREPLICAS Not enough good replicas to write.",
                Kind::Unavailable,
            ),
            (
                "ERR Error running script (call to f_9c60dbd5c28fc720b9d2753e721db89132c5bafc): @user_script:1: \
                 WRONGTYPE Operation against a key holding the wrong kind of value",
                Kind::Decode,
            ),
            ("@user_script: 1: The user executing the script can't run this command or subcommand", Kind::Backend),
            (
                "OOM command not allowed when used memory > 'maxmemory'. script: f_0a9f75e991483d02789696e4c90d26c103, \
                 on @user_script:1.",
                Kind::Unavailable,
            ),
            ("ERR OOM is not the code here", Kind::Backend),
        ] {
            let told = parse_redis_value(format!("-{reply}\r\n").as_bytes()).unwrap().extract_error().unwrap_err();
            assert_eq!(kind(&told), expected, "{reply}");
        }
    }
}

//! Classifies errors of the driver.

use lucia_core::AdapterErrorKind as Kind;
use redis::{ErrorKind, RedisError};

/// Removes quoted values from an error: a server that lacks a command quotes its arguments, and a parser quotes its
/// input. Both may contain a session id.
pub(crate) fn without_values(error: RedisError) -> RedisError {
    let quotes = match error.kind() {
        ErrorKind::Parse | ErrorKind::UnexpectedReturnType => true,
        _ => error.detail().is_some_and(|detail| detail.contains("args beginning with")),
    };
    if quotes { RedisError::from((error.kind(), "details omitted, because they quote values")) } else { error }
}

/// Returns the first error of a pipeline's commands. That of the pipeline has neither a code nor a detail.
pub(crate) fn first(error: RedisError) -> RedisError {
    let errors = error.clone().into_server_errors();
    errors.and_then(|errors| errors.first().map(|(_, first)| first.clone().into())).unwrap_or(error)
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

/// Returns `true` if the server is out of memory or cannot write to its disk. Another connection would not help.
fn takes_no_writes(error: &RedisError) -> bool {
    matches!(code(error), Some("OOM" | "MISCONF"))
}

/// Returns `true` if the value of a key has another type than the command expects.
pub(crate) fn is_wrong_type(error: &RedisError) -> bool {
    code(error) == Some("WRONGTYPE")
}

/// Returns `true` if the server does not have the command, or does not let this user run it.
pub(crate) fn is_refused_command(error: &RedisError) -> bool {
    // The texts of Redis for a command and for the patterns of `SORT`, and the one that replaces those of Upstash.
    const TEXTS: [&str; 3] = ["unknown command", "denied", "rejected the command"];
    match code(error) {
        Some("NOPERM") => true,
        Some("ERR") => TEXTS.iter().any(|text| error.detail().unwrap_or_default().contains(text)),
        _ => false,
    }
}

/// Returns `true` if the server could not be reached, did not respond in time, or is temporarily unable to serve
/// requests.
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

/// Returns `true` if another server may be the primary: the error is that of a replica, of a server that loads its data,
/// as a new replica does, or of a primary that has lost its replicas.
#[cfg(feature = "sentinel")]
pub(crate) fn may_be_replaced(error: &RedisError) -> bool {
    matches!(code(error), Some("READONLY" | "MASTERDOWN" | "LOADING" | "NOREPLICAS"))
}

/// Returns the code of a server's error.
///
/// If a command in a script fails, Redis 6.2 puts the code after the position in the script, as in
/// `@user_script: 17: -OOM command not allowed`, which `ERR Error running script (call to f_…): …` may precede.
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

    /// Checks the errors of `redis.pcall` and `redis.call` on Redis 6.2.14, and those of 7.0.15.
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
            assert_eq!(kind(&parse(reply)), expected, "{reply}");
        }
    }

    fn parse(reply: &str) -> RedisError {
        parse_redis_value(format!("-{reply}\r\n").as_bytes()).unwrap().extract_error().unwrap_err()
    }

    #[test]
    fn other_errors_are_not_those_of_a_refused_command() {
        for (reply, expected) in [
            ("ERR unknown command 'SORT_RO', with args beginning with: 'k' ", true),
            ("ERR the service rejected the command", true),
            ("ERR GET option of SORT denied due to insufficient ACL permissions.", true),
            ("NOPERM this user has no permissions to run the 'sort_ro' command", true),
            ("ERR syntax error", false),
            ("WRONGTYPE Operation against a key holding the wrong kind of value", false),
            ("OOM command not allowed when used memory > 'maxmemory'.", false),
            ("LOADING Redis is loading the dataset in memory", false),
        ] {
            assert_eq!(is_refused_command(&parse(reply)), expected, "{reply}");
        }
    }
}

use std::io::Write as _;

use redis::{RedisWrite, ToRedisArgs};

/// A key in Redis: a prefix and an id, written into a command without an intermediate copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key<'a> {
    pub(crate) prefix: &'a [u8],
    pub(crate) id: &'a [u8],
}

impl Key<'_> {
    pub(crate) const fn len(self) -> usize {
        self.prefix.len() + self.id.len()
    }
}

impl ToRedisArgs for Key<'_> {
    fn write_redis_args<W: ?Sized + RedisWrite>(&self, out: &mut W) {
        let mut argument = out.writer_for_next_arg();
        for part in [self.prefix, self.id] {
            // Writing to memory cannot fail.
            let _ = argument.write_all(part);
        }
    }
}

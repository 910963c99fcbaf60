//! Sessions in a plain key-value store, one that has neither transactions nor compare-and-set.
//!
//! [`KvSessionAdapter`] makes a [`SessionAdapter`](crate::SessionAdapter) of any [`KvStore`]; a crate for a store supplies
//! no more than that.
//!
//! | key | value | expires |
//! |---|---|---|
//! | `{session}:{id}` | the session as [JSON](crate::SessionSchema::to_json) | a millisecond after the session |
//! | `{user_session}:{user_id}:{id}` | when the entry expires, in milliseconds since 1970 | 1 to 31 days after the session |
//! | `{session}_revoked:{id}` | when the tombstone expires, likewise | a day after the session that it revokes |
//!
//! Ids of letters, digits, `-` and `_` stand as Lucia JS stores them; others are escaped, see [`KvLayout`].
//!
//! # Order
//!
//! - A session is **created** after its index entry, and **deleted** before it: whatever is cut off, no live session is
//!   unlisted. An entry without a session is left alone until it expires, because its session may be about to be written.
//! - A **revocation** first writes a tombstone, then deletes the session, then its index entry. A **renewal** looks for the
//!   tombstone after its own write, and takes that back if it finds one. Tombstones outlive every renewal that could be
//!   under way.
//! - An id that the store does not find may be a session's that it does not find yet: revoking it leaves a tombstone for a day.
//!   Revoke what was validated, and not whatever a cookie says, or strangers fill the store.
//! - A revocation of **all** lists until it finds nothing new, so that no rotation slips through. It ends as many sessions at a
//!   time as [the store writes at once](KvStore::writes_at_once), so that one that was cut off has less left to do.
//! - Dead sessions are returned as they are stored, and are not updated: `lucia` looks at the times itself.
//!
//! | operation | requests |
//! |---|---|
//! | get | 1 |
//! | create | 3: a look whether the id is taken, the index entry, the session |
//! | renew | 3: the session, the session anew, the tombstone. About once a month the entry has to live longer: 5 |
//! | revoke | 4: the session, the tombstone, the session, the index entry |
//! | list | 2, where the store reads many keys at once |
//! | revoke all | 7, where the store reads, writes and deletes many keys at once |
//!
//! # What it guarantees
//!
//! | | store that is consistent at once | store that is consistent after a while |
//! |---|---|---|
//! | a revoked session is not valid any more | yes | once the deletion has arrived |
//! | a renewal brings no revoked session back | yes, unless the renewal is cut off between its write and its look at the tombstone; then until the next renewal, if the tombstone is still there | no, if it begins before the deletion has arrived |
//! | every live session is listed, and revoked with all others of its user | yes, with the same exception | once the entry has arrived |
//! | one of two parallel updates of a session is lost | possible | possible |
//! | of parallel insertions of one id, several succeed | possible, and one session is there | possible |
//! | of parallel renewals with one expectation, several succeed | possible | possible |
//! | an id is free again after a revocation | no: a session of that id ends with its first update | no |
//!
//! The first column is shown by `tests/kv_model`, which tries every order in which the requests of up to three operations can
//! reach a store, every place where one of two is cut off, and time that passes meanwhile; and that each part of the protocol
//! is needed.
//!
//! The same folder measures the second column on a simulated store: a session is revoked in one place and renewed in another,
//! at any time within the period in which the revocation may be unseen. The rest of the percentage stays revoked.
//!
//! | what the other place sees | sessions that come back | without tombstones |
//! |---|---|---|
//! | every write, at once | 0 % | 8 % |
//! | every write, after 1 second | 67 % | 73 % |
//! | every write, after 10 seconds | 95 % | 97 % |
//! | every write, after a minute | 99 % | 99 % |
//! | every write at once, but what it has read is cached for a minute | 0 % | 50 % |
//!
//! The last line is how Cloudflare describes Workers KV; there the tombstone is seen, because nobody has asked for it before.
//! Who has, by another update of the session less than a minute earlier, does not see it. Renewals are rare: a session is
//! renewed once in its active period, a day by default.
//!
//! # What Lucia JS wrote
//!
//! Sessions of every release are read. Of its indexes, the JSON array on Cloudflare KV is replaced by entries when the sessions
//! of its user are listed or revoked; stop Lucia JS before. Its adapter for unstorage left sessions that no index names
//! (bug U1): [`KvSessionAdapter::with_unindexed_sessions`]. Its entries that name a user instead of a session are removed. Ids
//! that Lucia JS stored unescaped, with characters other than those above, are not found.

mod adapter;
mod bulk;
mod escape;
mod index;
mod layout;
mod lifetime;
mod memory;
mod revocation;
mod rotation;
mod store;
mod sweep;

pub use self::{
    adapter::KvSessionAdapter,
    layout::{InvalidKvLayout, KvLayout},
    memory::MemoryKvStore,
    store::{KvEntry, KvPage, KvStore},
};

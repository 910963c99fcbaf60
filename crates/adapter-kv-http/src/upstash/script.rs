//! What runs inside the database: one step, and one request.

macro_rules! script {
    ($($file:literal),+) => { concat!($(include_str!(concat!("script/", $file, ".lua"))),+) };
}

pub(super) const CREATE: &str = script!("store", "create");
pub(super) const SWAP: &str = script!("store", "swap");
pub(super) const ROTATE: &str = script!("store", "rotate");
pub(super) const DELETE: &str = script!("owner", "delete");
pub(super) const CHECK: &str = script!("owner", "misses", "check");
pub(super) const LIST: &str = script!("owner", "misses", "list");
pub(super) const REVOKE: &str = script!("owner", "misses", "revoke");

use serde::{Deserialize, Serialize};

/// The attributes of users or sessions of which an application wants to see none.
///
/// ```
/// use lucia_auth::NoAttributes;
/// use lucia_core::Attributes;
///
/// let attributes = Attributes::from([("username", "ada")]);
/// assert_eq!(attributes.deserialize::<NoAttributes>()?, NoAttributes {});
/// # Ok::<(), lucia_core::AttributesError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoAttributes {}

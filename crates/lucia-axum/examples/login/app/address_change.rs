use std::{fmt, str::FromStr};

use super::email_address::{EmailAddress, InvalidEmailAddress};

/// The present address of a user and the one that replaces it: the same one, if it is only to be confirmed.
///
/// The token of a link is bound to its text, in which a space separates them: no address contains one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AddressChange {
    pub(super) present: EmailAddress,
    pub(super) new: EmailAddress,
}

impl AddressChange {
    pub(super) fn confirmation(present: EmailAddress) -> Self {
        Self { new: present.clone(), present }
    }
}

impl FromStr for AddressChange {
    type Err = InvalidEmailAddress;

    fn from_str(text: &str) -> Result<Self, InvalidEmailAddress> {
        let (present, new) = text.split_once(' ').ok_or(InvalidEmailAddress)?;
        Ok(Self { present: present.parse()?, new: new.parse()? })
    }
}

impl fmt::Display for AddressChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.present, self.new)
    }
}

use crate::{
    Access, Profile, Promise,
    context::{Context, Task},
    ensure::CaseResult,
};

/// What has to hold for a case to make sense.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Requirement {
    /// The backend promises this.
    Needs(Promise),
    /// The backend does not promise this: the case is the twin of one that needs it.
    Without(Promise),
    /// The back door can do this.
    Opens(Access),
}

impl Requirement {
    /// Why the case cannot run; `None` if it can.
    pub(crate) fn unmet_in(self, profile: &Profile) -> Option<String> {
        match self {
            Self::Needs(promise) => (!profile.promises(promise)).then(|| format!("needs {promise}")),
            Self::Without(promise) => profile.promises(promise).then(|| format!("only without {promise}")),
            Self::Opens(access) => (!profile.allows(access)).then(|| format!("needs a back door to {access}")),
        }
    }
}

/// A case for adapters of one trait.
pub(crate) struct Case<A: ?Sized + 'static> {
    pub(crate) name: &'static str,
    pub(crate) requires: &'static [Requirement],
    pub(crate) run: fn(Context<A>) -> Task<CaseResult>,
}

/// A case is named like its function, which no function could find out.
macro_rules! case {
    ($run:ident $(, $requirement:expr)*) => {
        crate::case::Case { name: stringify!($run), requires: &[$($requirement),*], run: |cx| Box::pin($run(cx)) }
    };
}
pub(crate) use case;

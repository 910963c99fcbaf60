use crate::{
    Access, Profile, Promise,
    context::{Context, Task},
    ensure::CaseResult,
};

/// A condition under which a case applies.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Requirement {
    /// The backend makes this promise.
    Needs(Promise),
    /// The backend does not make this promise: the case is the twin of one that needs it.
    Without(Promise),
    /// The back door supports this operation.
    Opens(Access),
}

impl Requirement {
    /// Returns the reason why the case does not apply, or `None` if it does.
    pub(crate) fn unmet_in(self, profile: &Profile) -> Option<String> {
        match self {
            Self::Needs(promise) => (!profile.promises(promise)).then(|| format!("needs {promise}")),
            Self::Without(promise) => profile.promises(promise).then(|| format!("only without {promise}")),
            Self::Opens(access) => (!profile.allows(access)).then(|| format!("needs a back door with {access}")),
        }
    }
}

/// A case for implementations of one trait.
pub(crate) struct Case<A: ?Sized + 'static> {
    pub(crate) name: &'static str,
    pub(crate) requires: &'static [Requirement],
    pub(crate) run: fn(Context<A>) -> Task<CaseResult>,
}

/// Creates a case with the name of its function. A function could not read the name.
macro_rules! case {
    ($run:ident $(, $requirement:expr)*) => {
        crate::case::Case { name: stringify!($run), requires: &[$($requirement),*], run: |cx| Box::pin($run(cx)) }
    };
}
pub(crate) use case;

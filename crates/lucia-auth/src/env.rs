/// The environment in which the application runs.
///
/// ```
/// use lucia_auth::Env;
///
/// assert_eq!(Env::default(), Env::Prod);
/// ```
// Exhaustive: whether a site is encrypted has two answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Env {
    /// Development, over plain `http`: cookies are not `Secure`, and origins may be `http`.
    Dev,
    /// Production, over `https`: cookies are `Secure`, and origins must be `https`, except loopback addresses.
    #[default]
    Prod,
}

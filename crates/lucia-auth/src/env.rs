/// Whether the application runs where its users are.
///
/// ```
/// use lucia_auth::Env;
///
/// assert_eq!(Env::default(), Env::Prod);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Env {
    /// A developer's machine, reached over plain `http`: cookies are not `Secure`, and an origin may be `http`.
    Dev,
    /// A site reached over `https`: cookies are `Secure`, and an origin has to be `https` unless it is a loopback address.
    #[default]
    Prod,
}

use super::{Driver, Timer};

/// The pools and connections that an adapter accepts: a type of the crate that implements [`Pool`] and [`Connection`].
///
/// It lets that crate implement the traits for types of other crates, and names its adapters.
pub trait Family: 'static {
    /// The start of the adapters' names, for `Debug`: `Prisma` for `PrismaAdapter`.
    const NAME: &'static str;

    /// The timer of the async runtime that the drivers need.
    const TIMER: &'static dyn Timer;
}

/// A connection pool of the application, or another connection that an adapter is created with.
pub trait Pool<F: Family>: Send + Sync {
    /// Creates a driver for this pool.
    fn driver(&self) -> Box<dyn Driver>;
}

/// A connection of the application, possibly in a transaction, with which an adapter can write.
pub trait Connection<F: Family>: Send {
    /// Creates a driver for this connection. It does not retry.
    fn driver(&mut self) -> Box<dyn Driver + '_>;
}

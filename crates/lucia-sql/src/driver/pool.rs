use super::Driver;

/// A connection pool of the application, or another connection that an adapter is created with.
///
/// `Marker` is a type of the crate that implements the trait. It lets that crate implement the trait for types of other
/// crates.
pub trait Pool<Marker>: Send + Sync {
    /// Creates a driver for this pool.
    fn driver(&self) -> Box<dyn Driver>;
}

/// A connection of the application, possibly in a transaction, with which an adapter can write.
///
/// `Marker` has the same meaning as in [`Pool`].
pub trait Connection<Marker>: Send {
    /// Creates a driver for this connection. It does not retry.
    fn driver(&mut self) -> Box<dyn Driver + '_>;
}

use super::Driver;

/// A connection pool, or whatever an adapter runs on: it yields a driver.
///
/// `Of` is a type of the crate that implements it. It only lets that crate implement it for the pools of others.
pub trait Pool<Of>: Send + Sync {
    /// Returns a driver on this pool.
    fn driver(&self) -> Box<dyn Driver>;
}

/// A connection of the application, perhaps in a transaction, that an adapter can write on.
///
/// `Of` is as in [`Pool`].
pub trait Connection<Of>: Send {
    /// Returns a driver on this connection. It tries nothing again.
    fn driver(&mut self) -> Box<dyn Driver + '_>;
}

use std::fmt;

use async_trait::async_trait;
use scopeguard::ScopeGuard;

use super::{
    Driver, DriverError, Failure, Patience, Query, Remedy, Row, StepError,
    raw::{RawConnection, RawPool},
};
use crate::dialect::Dialect;

/// Runs statements on the application's pool, and repeats them where that helps and is safe.
pub(super) struct PoolDriver<P>(pub(super) P);

#[async_trait]
impl<P: RawPool> Driver for PoolDriver<P> {
    fn dialect(&self) -> &'static dyn Dialect {
        P::Connection::dialect()
    }

    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        let mut call = Call::new(&self.0, Effect::Read);
        loop {
            match call.connection().await?.fetch_optional(query).await {
                Ok(row) => {
                    call.end();
                    return Ok(row);
                }
                Err(error) => call.repeat_after(error).await?,
            }
        }
    }

    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        let mut call = Call::new(&self.0, Effect::Read);
        loop {
            match call.connection().await?.fetch_all(query).await {
                Ok(rows) => {
                    call.end();
                    return Ok(rows);
                }
                Err(error) => call.repeat_after(error).await?,
            }
        }
    }

    async fn write_and_fetch(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        let mut call = Call::new(&self.0, Effect::Write);
        loop {
            match call.connection().await?.write_and_fetch(query).await {
                Ok(rows) => {
                    call.end();
                    return Ok(rows.into_iter().next());
                }
                Err(error) => call.repeat_after(error).await?,
            }
        }
    }

    async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
        let mut call = Call::new(&self.0, Effect::Write);
        loop {
            match call.connection().await?.execute(query).await {
                Ok(count) => {
                    call.end();
                    return Ok(count);
                }
                Err(error) => call.repeat_after(error).await?,
            }
        }
    }

    async fn execute_all(&self, queries: &[Query]) -> Result<(), StepError> {
        let mut call = Call::new(&self.0, Effect::Transaction);
        loop {
            let Err(StepError { step, error }) = call.connection().await?.execute_all(queries, false).await else {
                call.end();
                return Ok(());
            };
            call.repeat_after(error).await.map_err(|error| StepError { step, error })?;
        }
    }
}

impl<P> fmt::Debug for PoolDriver<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolDriver").finish_non_exhaustive()
    }
}

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Read,
    Write,
    Transaction,
}

/// A call on a connection of a pool, and its attempts.
struct Call<'p, P: RawPool> {
    pool: &'p P,
    effect: Effect,
    lease: Option<Lease<P>>,
    patience: Patience,
    /// How many connections may still be replaced. Each that waited in the pool may be one that the server has closed, or that
    /// leads to a server which only reads by now; two more may be given back meanwhile, or be new ones.
    replacements: usize,
    is_prepared_anew: bool,
    is_spoilt: bool,
}

/// A connection, and what becomes of it if the call is dropped.
type Lease<P> = ScopeGuard<<P as RawPool>::Object, fn(<P as RawPool>::Object)>;

impl<'p, P: RawPool> Call<'p, P> {
    fn new(pool: &'p P, effect: Effect) -> Self {
        Self {
            pool,
            effect,
            lease: None,
            patience: Patience::default(),
            replacements: pool.idle() + 2,
            is_prepared_anew: false,
            is_spoilt: false,
        }
    }

    async fn connection(&mut self) -> Result<&mut P::Connection, DriverError> {
        Ok(P::connection(self.object().await?))
    }

    async fn object(&mut self) -> Result<&mut P::Object, DriverError> {
        let lease = match self.lease.take() {
            Some(lease) => lease,
            None => {
                let is_spoilt = self.pool.is_spoilt_by_drop(self.effect == Effect::Transaction);
                // A new connection of SQLite's may find the file locked while it is set up.
                let object = loop {
                    match self.pool.checkout().await {
                        Err(error) if error.remedy == Remedy::Wait && self.patience.wait().await => {}
                        checked_out => break checked_out?,
                    }
                };
                scopeguard::guard(object, if is_spoilt { P::discard } else { drop })
            }
        };
        Ok(self.lease.insert(lease))
    }

    /// Gives the connection back.
    fn end(&mut self) {
        match self.lease.take().map(ScopeGuard::into_inner) {
            Some(object) if self.is_spoilt => P::discard(object),
            object => drop(object),
        }
    }

    /// Closes the connection.
    fn discard(&mut self) {
        if let Some(lease) = self.lease.take() {
            P::discard(ScopeGuard::into_inner(lease));
        }
    }

    /// Gets ready for another attempt, or returns the error.
    async fn repeat_after(&mut self, mut error: DriverError) -> Result<(), DriverError> {
        let is_unclear = matches!(error.failure, Failure::Other | Failure::Unavailable);
        if error.remedy == Remedy::None && is_unclear && !P::is_alive(self.object().await?).await {
            error = DriverError { failure: Failure::Unavailable, remedy: Remedy::Lost, ..error };
        }
        let repeats = match error.remedy {
            Remedy::Prepare if !self.is_prepared_anew => {
                self.is_prepared_anew = true;
                self.is_spoilt = !P::forget_statements(self.object().await?).await;
                return Ok(());
            }
            Remedy::Wait => {
                self.end();
                self.patience.wait().await
            }
            Remedy::Replace | Remedy::Lost => {
                self.discard();
                let is_safe = error.remedy == Remedy::Replace || self.effect == Effect::Read;
                let repeats = is_safe && self.replacements > 0;
                self.replacements = self.replacements.saturating_sub(1);
                repeats
            }
            Remedy::None | Remedy::Prepare => {
                self.end();
                false
            }
        };
        if repeats { Ok(()) } else { Err(error) }
    }
}

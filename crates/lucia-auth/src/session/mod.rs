mod lifetime;
mod methods;
mod new_session;
mod periods;
mod reading;
mod row;

pub(crate) use self::{
    lifetime::{AbsoluteLifetime, Lifetime, Periods},
    methods::Validated,
};
pub use self::{
    new_session::NewSession,
    periods::SessionPeriods,
    row::{Session, SessionState},
};

use std::time::Duration;

use lucia_core::async_trait;
use lucia_sql::driver::{Database, Driver, DriverError, Family, Pool, Query, Retrying, Row, SqlValue, Timer};
use worker::{
    D1Database, D1PreparedStatement, D1Result, Date, Delay,
    js_sys::{Array, Uint8Array},
    send::SendFuture,
    wasm_bindgen::{JsCast as _, JsValue},
};

use crate::error::driver_error;

/// The databases that a [`D1Adapter`](crate::D1Adapter) accepts: `worker::D1Database`.
#[derive(Debug)]
pub enum D1 {}

impl Family for D1 {
    const NAME: &'static str = "D1";
    const TIMER: &'static dyn Timer = &WorkerTimer;
}

impl Pool<D1> for D1Database {
    fn driver(&self) -> Box<dyn Driver> {
        // A clone of the binding, for which the type has no method.
        let database = AsRef::<JsValue>::as_ref(self).clone().unchecked_into();
        Box::new(Retrying::new(D1Driver(database), WorkerTimer))
    }
}

/// The binding of a database. Each call is one request to D1.
#[derive(Debug)]
struct D1Driver(D1Database);

impl D1Driver {
    fn prepare(&self, query: &Query) -> worker::Result<D1PreparedStatement> {
        let values: Vec<_> = query.bound().map(parameter).collect();
        self.0.prepare(&**query.sql()).bind(&values)
    }
}

#[async_trait]
impl Driver for D1Driver {
    fn database(&self) -> Database {
        Database::D1
    }

    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        let rows = SendFuture::new(async { self.prepare(query)?.raw_js_value().await }).await.map_err(driver_error)?;
        rows.into_iter().map(row).collect::<Result<_, _>>().map_err(driver_error)
    }

    async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
        let changes = SendFuture::new(async { changes(&self.prepare(query)?.run().await?) }).await;
        changes.map_err(driver_error)
    }

    /// A batch is one transaction. D1 does not tell which of its statements failed.
    async fn execute_all(&self, queries: &[Query]) -> Result<(), DriverError> {
        let batch = SendFuture::new(async {
            let statements = queries.iter().map(|query| self.prepare(query)).collect::<Result<_, _>>()?;
            self.0.batch(statements).await.map(drop)
        });
        batch.await.map_err(driver_error)
    }
}

/// The time of a Worker. It stands still while the Worker computes.
#[derive(Debug)]
struct WorkerTimer;

#[async_trait]
impl Timer for WorkerTimer {
    fn now(&self) -> Duration {
        Duration::from_millis(Date::now().as_millis())
    }

    async fn sleep(&self, pause: Duration) {
        SendFuture::new(Delay::from(pause)).await;
    }
}

/// Returns a value as D1 accepts it. An integer is sent as text, because D1 rounds numbers to doubles.
fn parameter(value: &SqlValue) -> JsValue {
    match value {
        SqlValue::Null => JsValue::NULL,
        SqlValue::Boolean(value) => JsValue::from_f64((*value).into()),
        SqlValue::Integer(value) => JsValue::from_str(&value.to_string()),
        SqlValue::Real(value) => JsValue::from_f64(*value),
        SqlValue::Text(value) => JsValue::from_str(value),
        SqlValue::Blob(value) => Uint8Array::from(value.as_slice()).into(),
    }
}

fn row(row: JsValue) -> worker::Result<Row> {
    row.unchecked_into::<Array>().iter().map(|cell| stored(&cell)).collect()
}

/// Reads a value. Bytes arrive as an array of numbers.
fn stored(cell: &JsValue) -> worker::Result<SqlValue> {
    if cell.is_null() {
        Ok(SqlValue::Null)
    } else if let Some(text) = cell.as_string() {
        Ok(SqlValue::Text(text))
    } else if let Some(number) = cell.as_f64() {
        Ok(SqlValue::Real(number))
    } else if Array::is_array(cell) {
        Ok(SqlValue::Blob(Uint8Array::new(cell).to_vec()))
    } else {
        Err("D1 returned a value of an unknown type".into())
    }
}

fn changes(result: &D1Result) -> worker::Result<u64> {
    let changes = result.meta()?.and_then(|meta| meta.changes).ok_or("D1 did not report the number of written rows")?;
    Ok(changes as u64)
}

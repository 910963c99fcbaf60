use serde::de::IgnoredAny;
use worker::{
    D1Database, D1PreparedStatement,
    js_sys::Array,
    send::SendFuture,
    wasm_bindgen::{JsCast as _, JsValue},
};

use crate::{D1Value, Thrown};

/// A statement and its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Statement<'a> {
    pub(crate) sql: &'a str,
    pub(crate) parameters: Vec<D1Value>,
}

pub(crate) type Row = Vec<D1Value>;

/// The binding of a D1 database. Each method is one round trip.
#[derive(Debug)]
pub(crate) struct Database(pub(crate) D1Database);

impl Database {
    pub(crate) async fn query(&self, statement: &Statement<'_>) -> Result<Vec<Row>, Thrown> {
        let query = async {
            let rows = self.prepare(statement)?.raw_js_value().await?;
            Ok::<_, worker::Error>(rows.into_iter().map(row).collect())
        };
        SendFuture::new(query).await.map_err(Thrown::from)
    }

    /// Runs some statements in one transaction. Returns how many rows each of them returned.
    pub(crate) async fn batch(&self, statements: &[Statement<'_>]) -> Result<Vec<usize>, Thrown> {
        let batch = async {
            let prepared = statements.iter().map(|statement| self.prepare(statement)).collect::<Result<_, _>>()?;
            let results = self.0.batch(prepared).await?;
            results.iter().map(|result| Ok(result.results::<IgnoredAny>()?.len())).collect::<worker::Result<_>>()
        };
        SendFuture::new(batch).await.map_err(Thrown::from)
    }

    fn prepare(&self, statement: &Statement<'_>) -> worker::Result<D1PreparedStatement> {
        let parameters: Vec<_> = statement.parameters.iter().map(parameter).collect();
        self.0.prepare(statement.sql).bind(&parameters)
    }
}

fn parameter(value: &D1Value) -> JsValue {
    match value {
        D1Value::Null | D1Value::Other => JsValue::NULL,
        D1Value::Number(number) => JsValue::from_f64(*number),
        D1Value::Text(text) => JsValue::from_str(text),
    }
}

fn row(row: JsValue) -> Row {
    let cells = row.unchecked_into::<Array>();
    cells.iter().map(|cell| cell_value(&cell)).collect()
}

fn cell_value(cell: &JsValue) -> D1Value {
    if cell.is_null() {
        return D1Value::Null;
    }
    let text = cell.as_string().map(D1Value::Text);
    text.or_else(|| cell.as_f64().map(D1Value::Number)).unwrap_or(D1Value::Other)
}

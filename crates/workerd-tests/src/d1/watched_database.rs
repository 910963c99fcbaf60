use adapter_tests::BoxError;
use worker::{
    D1Database, Env,
    js_sys::Reflect,
    wasm_bindgen::{self, JsCast as _, JsValue, prelude::wasm_bindgen},
};

#[wasm_bindgen(inline_js = r#"
export function watch(database) {
	const watched = { requests: 0, rowsRead: 0, rowsWritten: 0, failures: 0, message: "", runs: false };
	const count = (result) => {
		for (const { meta } of [result].flat()) {
			watched.rowsRead += meta.rows_read;
			watched.rowsWritten += meta.rows_written;
		}
		return result;
	};
	const request = async (run) => {
		watched.requests += 1;
		if (watched.failures === 0) return run();
		watched.failures -= 1;
		if (watched.runs) await run();
		throw new Error(watched.message);
	};
	const inner = new WeakMap();
	const statement = (target, sql) => {
		const outer = { bind: (...values) => statement(target.bind(...values), sql) };
		outer.run = () => request(async () => count(await target.run()));
		outer.raw = () => request(async () => {
			// `raw` does not tell the rows that it read. A query runs again, because two of its columns may have one name.
			const { results } = count(await target.all());
			return sql.startsWith("SELECT") ? target.raw() : results.map(Object.values);
		});
		inner.set(outer, target);
		return outer;
	};
	watched.prepare = (sql) => statement(database.prepare(sql), sql);
	watched.batch = (statements) => {
		return request(async () => count(await database.batch(statements.map((outer) => inner.get(outer)))));
	};
	return watched;
}
"#)]
extern "C" {
    /// Wraps the binding of a database.
    fn watch(database: &JsValue) -> JsValue;
}

/// A database that counts requests and the rows that D1 bills, and can fail some requests.
#[derive(Debug)]
pub(super) struct WatchedDatabase(JsValue);

/// The part of a failed request that is lost. If it is the answer, the request has run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    Request,
    Answer,
}

impl WatchedDatabase {
    pub(super) fn new(env: &Env) -> Result<Self, BoxError> {
        Ok(Self(watch(env.d1("DB")?.as_ref())))
    }

    pub(super) fn database(&self) -> D1Database {
        self.0.clone().unchecked_into()
    }

    /// Returns the number of requests since the last call.
    pub(super) fn take_requests(&self) -> u32 {
        self.take("requests")
    }

    /// Returns the numbers of requests, of rows read and of rows written since the last call.
    pub(super) fn take_costs(&self) -> [u32; 3] {
        ["requests", "rowsRead", "rowsWritten"].map(|name| self.take(name))
    }

    fn take(&self, name: &str) -> u32 {
        let count = Reflect::get(&self.0, &name.into()).ok().and_then(|count| count.as_f64());
        self.set(name, 0);
        count.map_or(0, |count| count as u32)
    }

    /// Makes the next requests fail with a message.
    pub(super) fn fail(&self, times: u32, message: &str, lost: Lost) {
        self.set("failures", times);
        self.set("message", message);
        self.set("runs", lost == Lost::Answer);
    }

    fn set(&self, name: &str, value: impl Into<JsValue>) {
        // A property of a plain object can be set.
        let _ = Reflect::set(&self.0, &name.into(), &value.into());
    }
}

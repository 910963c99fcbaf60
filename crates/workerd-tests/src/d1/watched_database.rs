use adapter_tests::BoxError;
use worker::{
    D1Database, Env,
    js_sys::Reflect,
    wasm_bindgen::{self, JsCast as _, JsValue, prelude::wasm_bindgen},
};

#[wasm_bindgen(inline_js = r#"
export function watch(database) {
	const watched = { requests: 0, failures: 0, message: "", runs: false };
	const request = async (run) => {
		watched.requests += 1;
		if (watched.failures === 0) return run();
		watched.failures -= 1;
		if (watched.runs) await run();
		throw new Error(watched.message);
	};
	const inner = new WeakMap();
	const statement = (target) => {
		const outer = { bind: (...values) => statement(target.bind(...values)) };
		for (const name of ["all", "first", "raw", "run"]) {
			outer[name] = (...values) => request(() => target[name](...values));
		}
		inner.set(outer, target);
		return outer;
	};
	watched.prepare = (sql) => statement(database.prepare(sql));
	watched.batch = (statements) => request(() => database.batch(statements.map((outer) => inner.get(outer))));
	return watched;
}
"#)]
extern "C" {
    /// Wraps the binding of a database.
    fn watch(database: &JsValue) -> JsValue;
}

/// A database that counts requests, and can fail some of them.
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
        let requests = Reflect::get(&self.0, &"requests".into()).ok().and_then(|requests| requests.as_f64());
        self.set("requests", 0);
        requests.map_or(0, |requests| requests as u32)
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

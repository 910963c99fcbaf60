// The example, as a browser meets it, and what it leaves in its bindings: once for each place where it may keep sessions.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { keys, start } from "./worker.mjs";

const ORIGIN = "https://example.com";
const HOUR = 3_600_000;

let worker, db, kv;

/** Starts a variant of the Worker on tables of its own. */
async function open(name, bindings, migrations) {
	worker = start(name, { d1Databases: ["DB"], ...bindings });
	db = await worker.getD1Database("DB");
	for (const migration of migrations) {
		const file = path.join(import.meta.dirname, "migrations", `${migration}.sql`);
		const statements = (await readFile(file, "utf8")).split(";").filter((statement) => statement.trim());
		await db.batch(statements.map((statement) => db.prepare(statement)));
	}
}

/** A browser that keeps its cookie, and follows no redirect. */
class Browser {
	cookie = null;

	async send(path, init) {
		const headers = { origin: ORIGIN, ...init.headers };
		if (this.cookie) headers.cookie = this.cookie;
		const response = await worker.dispatchFetch(ORIGIN + path, { redirect: "manual", ...init, headers });
		for (const cookie of response.headers.getSetCookie()) {
			const pair = cookie.split(";")[0];
			this.cookie = pair.endsWith("=") ? null : pair;
		}
		return response;
	}

	get(path) {
		return this.send(path, { method: "GET" });
	}

	post(path, form = {}, headers = {}) {
		return this.send(path, { method: "POST", body: new URLSearchParams(form), headers });
	}

	async account() {
		const response = await this.get("/account");
		return response.status === 200 ? response.text() : null;
	}
}

const ada = { username: "ada", password: "correct horse" };

async function signUp(form = ada) {
	const browser = new Browser();
	const response = await browser.post("/sign-up", form);
	assert.equal(response.status, 303, await response.text());
	assert.equal(response.headers.get("location"), "/account");
	return browser;
}

async function signIn(form = ada) {
	const browser = new Browser();
	const response = await browser.post("/sign-in", form);
	return { browser, response };
}

const userId = () => db.prepare(`SELECT "id" FROM "User"`).first("id");
const count = (table) => db.prepare(`SELECT count(*) AS n FROM "${table}"`).first("n");
const row = (id, user, expires) => ({
	id,
	user_id: user,
	active_expires: expires - HOUR,
	idle_expires: expires,
});

describe("sessions in D1", () => {
	beforeEach(() => open("example-d1", {}, ["0001_users_and_keys", "0002_sessions"]));
	afterEach(() => worker.dispose());

	const set = (value, id) => db.prepare(`UPDATE "Session" SET "idle_expires" = ? WHERE "id" = ?`).bind(value, id).run();

	behaves({
		list: async () => (await db.prepare(`SELECT * FROM "Session"`).all()).results,
		add: (sessions) => {
			const insert = db.prepare(`INSERT INTO "Session" VALUES (?, ?, ?, ?)`);
			return db.batch(sessions.map((session) => insert.bind(...Object.values(session))));
		},
		spoil: ({ id }) => set("soon", id),
		repair: ({ id, idle_expires }) => set(idle_expires, id),
	});

	test("sessions end with their user", async () => {
		const browser = await signUp();
		await db.prepare(`DELETE FROM "User"`).run();
		assert.equal(await browser.account(), null);
		assert.equal(await count("Session"), 0);
	});
});

describe("sessions in KV", () => {
	beforeEach(async () => {
		await open("example-kv", { kvNamespaces: ["SESSIONS"] }, ["0001_users_and_keys"]);
		kv = await worker.getKVNamespace("SESSIONS");
	});
	afterEach(() => worker.dispose());

	behaves({
		list: async () => Promise.all((await keys(kv, "session:")).map((key) => kv.get(key, "json"))),
		add: (sessions) => {
			const puts = sessions.flatMap((session) => {
				const { id, user_id, idle_expires } = session;
				const options = { expiration: Math.ceil(idle_expires / 1000) };
				return [
					kv.put(`session:${id}`, JSON.stringify(session), options),
					kv.put(`user_sessions:${user_id}:${id}`, String(idle_expires), options),
				];
			});
			return Promise.all(puts);
		},
		spoil: ({ id }) => kv.put(`session:${id}`, "{"),
		repair: (session) => kv.put(`session:${session.id}`, JSON.stringify(session)),
	});

	test("keys of a session, and when they expire", async () => {
		const browser = await signUp();
		const { keys: [key] } = await kv.list({ prefix: "session:" });
		const session = await kv.get(key.name, "json");
		assert.equal(key.name, `session:${session.id}`);
		assert.equal(key.expiration, Math.ceil((session.idle_expires + 1) / 1000));
		assert.deepEqual(await keys(kv, "user_sessions:"), [`user_sessions:${session.user_id}:${session.id}`]);
		await browser.post("/sign-out");
		assert.deepEqual(await keys(kv, "user_sessions:"), []);
	});

	test("sessions in the index of Lucia JS are listed and revoked", async () => {
		const browser = await signUp();
		const id = await userId();
		const expires = Date.now() + 48 * HOUR;
		const ids = Array.from({ length: 30 }, (_, index) => `js${index}`);
		for (const session of ids) {
			// In the order of fields of Lucia JS, with the lifetime that it gives by mistake (bug K1).
			const stored = JSON.stringify(row(session, id, expires));
			await kv.put(`session:${session}`, stored, { expirationTtl: Math.floor(expires / 1000) });
		}
		await kv.put(`user_sessions:${id}`, JSON.stringify(ids));
		const other = Object.assign(new Browser(), { cookie: "auth_session=js7" });
		assert.match(await other.account(), /Sessions: 31\./);
		assert.equal((await browser.post("/sign-out-everywhere")).status, 303);
		assert.equal(await other.account(), null);
		assert.deepEqual(await keys(kv, "session:"), []);
	});
});

/** Tests what does not depend on where sessions are. `sessions` is the way to them past the Worker. */
function behaves(sessions) {
	test("sign up, look at the account, sign out", async () => {
		const browser = await signUp();
		assert.match(await browser.account(), /Signed in as <b>ada<\/b>\. Sessions: 1\./);
		const stolen = Object.assign(new Browser(), { cookie: browser.cookie });
		const response = await browser.post("/sign-out");
		assert.equal(response.status, 303);
		assert.equal(browser.cookie, null);
		assert.equal(await browser.account(), null);
		assert.equal(await stolen.account(), null, "the cookie still works");
		assert.deepEqual(await sessions.list(), []);
	});

	test("the session's cookie", async () => {
		const response = await new Browser().post("/sign-up", ada);
		const [cookie] = response.headers.getSetCookie();
		assert.match(
			cookie,
			/^auth_session=[a-z0-9]{40}; (?=.*HttpOnly)(?=.*Secure)(?=.*SameSite=Lax)(?=.*Path=\/)(?=.*Expires=)/,
		);
	});

	test("a wrong password and an unknown user look the same", async () => {
		await signUp();
		const wrong = await signIn({ ...ada, password: "battery staple" });
		const unknown = await signIn({ ...ada, username: "bob" });
		for (const { browser, response } of [wrong, unknown]) {
			assert.equal(response.status, 401);
			assert.equal(browser.cookie, null);
		}
		assert.equal(await wrong.response.text(), await unknown.response.text());
		const right = await signIn({ ...ada, username: "ADA" });
		assert.equal(right.response.status, 303);
		assert.match(await right.browser.account(), /Sessions: 2\./);
	});

	test("a username is taken once", async () => {
		await signUp();
		const response = await new Browser().post("/sign-up", { ...ada, password: "battery staple" });
		assert.equal(response.status, 409);
		assert.deepEqual([await count("User"), await count("Key")], [1, 1]);
		assert.equal((await signIn()).response.status, 303, "the password is another one now");
	});

	test("parallel sign-ups with one username have one winner", async () => {
		const responses = await Promise.all(Array.from({ length: 8 }, () => new Browser().post("/sign-up", ada)));
		const statuses = responses.map((response) => response.status).sort();
		assert.deepEqual(statuses, [303, ...Array(7).fill(409)]);
		assert.deepEqual([await count("User"), await count("Key")], [1, 1]);
	});

	test("signing out everywhere ends every session", async () => {
		const browser = await signUp();
		const others = await Promise.all(Array.from({ length: 20 }, () => signIn()));
		assert.match(await browser.account(), /Sessions: 21\./);
		assert.equal((await browser.post("/sign-out-everywhere")).status, 303);
		for (const { browser: other } of others) {
			assert.equal(await other.account(), null);
		}
		assert.deepEqual(await sessions.list(), []);
	});

	test("forms of other sites are refused", async () => {
		const browser = await signUp();
		for (const origin of ["https://evil.example", "null", "http://example.com"]) {
			assert.equal((await browser.post("/sign-out-everywhere", {}, { origin })).status, 403, origin);
			assert.equal((await new Browser().post("/sign-in", ada, { origin })).status, 403, origin);
		}
		assert.notEqual(await browser.account(), null);
	});

	test("bad forms are refused", async () => {
		for (const form of [
			{},
			{ username: "ada" },
			{ username: "a", password: "correct horse" },
			{ username: "<b>ada</b>", password: "correct horse" },
			{ username: "ada", password: "short" },
			{ username: "ada-lovelace", password: "Ada Lovelace" },
			{ username: "ada", password: "x".repeat(2_000) },
			{ username: "ada", password: "x".repeat(5_000) },
		]) {
			assert.equal((await new Browser().post("/sign-up", form)).status, 400, JSON.stringify(form).slice(0, 60));
		}
		assert.equal(await count("User"), 0);
		assert.equal((await new Browser().get("/nowhere")).status, 404);
	});

	test("strange cookies are nobody's", async () => {
		for (const value of ["", "nobody", "%00", "x".repeat(4_000), "a:b", "..", "\"quoted\""]) {
			const browser = Object.assign(new Browser(), { cookie: `auth_session=${value}` });
			assert.equal((await browser.get("/account")).status, 303, value);
		}
	});

	test("an outage is not a sign-out", async () => {
		const browser = await signUp();
		const { cookie } = browser;
		await db.prepare(`ALTER TABLE "User" RENAME TO "Away"`).run();
		const response = await browser.get("/account");
		assert.equal(response.status, 500);
		assert.equal(browser.cookie, cookie);
		assert.doesNotMatch(await response.text(), /SELECT|no such table|[a-z0-9]{40}/);
		await db.prepare(`ALTER TABLE "Away" RENAME TO "User"`).run();
		assert.notEqual(await browser.account(), null);
	});

	test("what is stored", async () => {
		const before = Date.now();
		await signUp();
		const id = await userId();
		assert.match(id, /^[a-z0-9]{15}$/);
		const { results: users } = await db.prepare(`SELECT * FROM "User"`).all();
		assert.deepEqual(users, [{ id, username: "ada" }]);
		const { results: stored } = await db.prepare(`SELECT * FROM "Key"`).all();
		assert.equal(stored.length, 1);
		assert.equal(stored[0].id, "username:ada");
		assert.equal(stored[0].user_id, id);
		assert.match(stored[0].hashed_password, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);

		const [session, ...others] = await sessions.list();
		assert.deepEqual(others, []);
		assert.deepEqual(Object.keys(session), ["id", "user_id", "active_expires", "idle_expires"]);
		assert.match(session.id, /^[0-9a-f]{64}$/, "the hash of the token");
		assert.equal(session.user_id, id);
		assert.ok(session.active_expires >= before + 24 * HOUR);
		assert.equal(session.idle_expires, session.active_expires + 14 * 24 * HOUR);
	});

	test("u3_k9_1_100_sessions_are_listed_and_revoked", async () => {
		const browser = await signUp();
		const id = await userId();
		const expires = Date.now() + 48 * HOUR;
		for (let first = 0; first < 1_099; first += 100) {
			const count = Math.min(100, 1_099 - first);
			const ids = Array.from({ length: count }, (_, index) => `s${first + index}`);
			await sessions.add(ids.map((session) => row(session, id, expires)));
		}
		assert.match(await browser.account(), /Sessions: 1100\./);
		assert.equal((await browser.post("/sign-out-everywhere")).status, 303);
		assert.deepEqual(await sessions.list(), []);
	});

	test("an unreadable session is not a sign-out, and can be revoked", async () => {
		const browser = await signUp();
		const [session] = await sessions.list();
		await sessions.spoil(session);
		assert.equal((await browser.get("/account")).status, 500);
		await sessions.repair(session);
		assert.notEqual(await browser.account(), null);

		await sessions.spoil(session);
		const { browser: other } = await signIn();
		assert.equal((await other.post("/sign-out-everywhere")).status, 303);
		assert.deepEqual(await sessions.list(), []);
	});
}

// The example, as a browser meets it, and what it leaves in its bindings: once for each place where it may keep sessions.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { keys, siteOf, start } from "./worker.mjs";

const HOUR = 3_600_000;
const THROTTLE_KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
/** The attempts of an account in fifteen minutes. */
const ATTEMPTS = 10;

let worker, db, kv;

/** Starts a variant of the Worker. */
async function run(name, bindings, options) {
	worker = start(name, { d1Databases: ["DB"], bindings: { THROTTLE_KEY }, ...bindings }, options);
	db = await worker.getD1Database("DB");
}

/** Starts a variant of the Worker on tables of its own. */
async function open(name, bindings, migrations, options) {
	await run(name, bindings, options);
	for (const migration of migrations) {
		const file = path.join(import.meta.dirname, "migrations", `${migration}.sql`);
		const statements = (await readFile(file, "utf8")).split(";").filter((statement) => statement.trim());
		await db.batch(statements.map((statement) => db.prepare(statement)));
	}
}

/** A browser that keeps its cookies, and follows no redirect. */
class Browser {
	/** That of its session. */
	cookie = null;
	device = null;

	constructor({ address = "203.0.113.1", isolate = 0 } = {}) {
		Object.assign(this, { address, isolate });
	}

	async send(path, init) {
		const site = siteOf(this.isolate);
		const headers = { origin: site, "cf-connecting-ip": this.address, ...init.headers };
		const cookies = [this.cookie, this.device].filter(Boolean);
		if (cookies.length > 0) headers.cookie = cookies.join("; ");
		const response = await worker.dispatchFetch(site + path, { redirect: "manual", ...init, headers });
		for (const cookie of response.headers.getSetCookie()) {
			const pair = cookie.split(";")[0];
			if (pair.startsWith("auth_device=")) this.device = pair;
			else this.cookie = pair.endsWith("=") ? null : pair;
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

async function signIn(form = ada, browser = new Browser()) {
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
	const variant = ["example-d1", {}, ["0001_users_and_keys", "0002_sessions", "0003_tokens"]];
	beforeEach(() => open(...variant));
	afterEach(() => worker.dispose());

	const set = (value, id) => db.prepare(`UPDATE "Session" SET "idle_expires" = ? WHERE "id" = ?`).bind(value, id).run();

	throttles(...variant);

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

	test("expired sessions are deleted every hour", async () => {
		const browser = await signUp();
		const [id, expired] = [await userId(), Date.now() - HOUR];
		const insert = db.prepare(`INSERT INTO "Session" VALUES (?, ?, ?, ?)`);
		const sessions = Array.from({ length: 501 }, (_, index) => row(`s${index}`, id, expired));
		await db.batch(sessions.map((session) => insert.bind(...Object.values(session))));
		assert.equal(await count("Session"), 502);
		await everyHour();
		assert.equal(await count("Session"), 1);
		assert.notEqual(await browser.account(), null);
	});

	test("expired tokens are deleted even if sessions cannot be", async () => {
		await signUp();
		const token = db.prepare(`INSERT INTO "Token" VALUES ('t', 'password_reset', ?, '', ?)`);
		await token.bind(await userId(), Date.now() - HOUR).run();
		await db.prepare(`ALTER TABLE "Session" RENAME TO "Away"`).run();
		await everyHour();
		assert.equal(await db.prepare(`SELECT "id" FROM "Token" WHERE "id" = 't'`).first(), null);
	});
});

describe("sessions in KV", () => {
	const variant = ["example-kv", { kvNamespaces: ["SESSIONS"] }, ["0001_users_and_keys", "0003_tokens"]];
	beforeEach(async () => {
		await open(...variant);
		kv = await worker.getKVNamespace("SESSIONS");
	});
	afterEach(() => worker.dispose());

	throttles(...variant);

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

/** What the cron trigger does. */
async function everyHour() {
	const isolate = await worker.getWorker("isolate0");
	assert.equal((await isolate.scheduled({ cron: "17 * * * *" })).outcome, "ok");
}

/** Tests the limits of attempts, which are counted in D1. */
function throttles(...variant) {
	const guess = (browser, form = ada) => signIn({ ...form, password: "battery staple" }, browser);
	const statuses = (answers) => answers.map(({ response }) => response.status).sort();

	test("isolates share the limit of an account, and a restart keeps it", async (t) => {
		const folder = await mkdtemp(path.join(os.tmpdir(), "lucia-worker-"));
		t.after(() => rm(folder, { recursive: true, force: true }));
		await worker.dispose();
		await open(...variant, { isolates: 2, folder });
		const owner = await signUp();
		const known = (await signIn()).browser;
		for (const username of ["ada", "nobody"]) {
			const guesses = Array.from({ length: 30 }, (_, index) => {
				return guess(new Browser({ address: `198.51.100.${index}`, isolate: index % 2 }), { username });
			});
			const verified = Array(ATTEMPTS).fill(401);
			assert.deepEqual(statuses(await Promise.all(guesses)), [...verified, ...Array(20).fill(429)], username);
		}
		await worker.dispose();
		const [name, bindings] = variant;
		await run(name, bindings, { isolates: 2, folder });

		for (const isolate of [0, 1]) {
			const { response } = await signIn(ada, new Browser({ isolate }));
			assert.equal(response.status, 429, "the right password is not verified either");
			const seconds = Number(response.headers.get("retry-after"));
			assert.ok(seconds > 600 && seconds <= 900, `${seconds} s`);
			assert.match(await response.text(), /Too many attempts\. Please try again in 1[45] min\./);
		}
		assert.notEqual(await owner.account(), null, "sessions are not limited");
		assert.equal((await signIn(ada, known)).response.status, 303, "a known device has attempts of its own");
	});

	test("an address is limited over all accounts", async () => {
		const address = "198.51.100.1";
		for (const username of ["ada", "eve"]) {
			assert.equal((await guess(new Browser({ address }), { username })).response.status, 401);
		}
		// The counter with both of them is that of the address. The other failures are skipped.
		const { meta } = await db.prepare(`UPDATE "Token" SET "data" = '100' WHERE "data" = '2'`).run();
		assert.equal(meta.changes, 1);
		assert.equal((await guess(new Browser({ address }), { username: "bob" })).response.status, 429);
		assert.equal((await guess(new Browser())).response.status, 401, "another address");
	});

	test("expired counters and tokens are deleted every hour", async () => {
		await signUp();
		for (const _ of Array(ATTEMPTS)) await guess();
		assert.equal((await guess()).response.status, 429);
		assert.ok((await count("Token")) > 0);
		await everyHour();
		assert.equal((await guess()).response.status, 429, "a live counter was deleted");

		const { results: counters } = await db.prepare(`SELECT * FROM "Token"`).all();
		assert.doesNotMatch(JSON.stringify(counters), /username|203\.0\.113/, "names or addresses are stored");
		const expired = Date.now() - HOUR;
		await db.prepare(`UPDATE "Token" SET "expires" = ?`).bind(expired).run();
		const token = db.prepare(`INSERT INTO "Token" VALUES (?, 'password_reset', ?, '', ?)`);
		const id = await userId();
		await db.batch(Array.from({ length: 501 }, (_, index) => token.bind(`t${index}`, id, expired)));
		await token.bind("live", id, Date.now() + HOUR).run();
		await everyHour();
		assert.equal(await db.prepare(`SELECT group_concat("id") AS ids FROM "Token"`).first("ids"), "live");
		assert.equal((await signIn()).response.status, 303);
	});
}

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
		const others = [];
		for (const _ of Array(2)) {
			// More of one account at once would refuse each other.
			others.push(...(await Promise.all(Array.from({ length: ATTEMPTS }, () => signIn()))));
		}
		assert.match(await browser.account(), /Sessions: 21\./);
		assert.equal((await browser.post("/sign-out-everywhere")).status, 303);
		for (const { browser: other } of others) {
			assert.equal(await other.account(), null);
		}
		assert.deepEqual(await sessions.list(), []);
	});

	test("forms of other sites are refused", async () => {
		const browser = await signUp();
		for (const origin of ["https://evil.example", "null", siteOf(0).replace("https", "http")]) {
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

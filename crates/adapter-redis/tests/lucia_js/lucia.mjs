// Lucia JS on a Redis, driven by lines: a request `{ id, method, arguments }` on standard input, an answer
// `{ id, value }` or `{ id, error: { code, message } }` on standard output. Requests run in parallel.
import { createInterface } from "node:readline";

import { redis as sessionAdapter } from "@lucia-auth/adapter-session-redis";
import { lucia, LuciaError } from "lucia";
import "lucia/polyfill/node";
import { createClient } from "redis";

// Users live in this process. What is compared is sessions.
const userAdapter = () => {
	const users = new Map();
	return {
		getUser: async (userId) => users.get(userId) ?? null,
		setUser: async (user) => void users.set(user.id, user),
		updateUser: async (userId, partial) => void users.set(userId, { ...users.get(userId), ...partial }),
		deleteUser: async (userId) => void users.delete(userId),
		getKey: async () => null,
		getKeysByUserId: async () => [],
		setKey: async () => {},
		updateKey: async () => {},
		deleteKey: async () => {},
		deleteKeysByUserId: async () => {},
	};
};

// Without a listener the client ends the process when the server goes. The call that fails says it.
const client = createClient({ url: process.env.REDIS_URL }).on("error", () => {});
await client.connect();

// Times are returned as stored.
const session = ({ activePeriodExpiresAt, idlePeriodExpiresAt, ...rest }) => ({
	...rest,
	activePeriodExpiresAt: activePeriodExpiresAt.getTime(),
	idlePeriodExpiresAt: idlePeriodExpiresAt.getTime(),
});

const reserved = ["id", "user_id", "active_expires", "idle_expires"];

const auth = lucia({
	adapter: { user: userAdapter, session: sessionAdapter(client) },
	env: "DEV",
	sessionExpiresIn: { activePeriod: Number(process.env.ACTIVE_PERIOD), idlePeriod: Number(process.env.IDLE_PERIOD) },
	getSessionAttributes: (row) => Object.fromEntries(Object.entries(row).filter(([name]) => !reserved.includes(name))),
});

const methods = {
	createUser: (userId) => auth.createUser({ userId, key: null, attributes: {} }),
	createSession: async (userId, attributes) => session(await auth.createSession({ userId, attributes })),
	getSession: async (sessionId) => session(await auth.getSession(sessionId)),
	validateSession: async (sessionId) => session(await auth.validateSession(sessionId)),
	getAllUserSessions: async (userId) => (await auth.getAllUserSessions(userId)).map(session),
	updateSessionAttributes: async (sessionId, attributes) =>
		session(await auth.updateSessionAttributes(sessionId, attributes)),
	invalidateSession: (sessionId) => auth.invalidateSession(sessionId),
	invalidateAllUserSessions: (userId) => auth.invalidateAllUserSessions(userId),
};

const answer = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

for await (const line of createInterface({ input: process.stdin })) {
	const { id, method, arguments: parameters } = JSON.parse(line);
	methods[method](...parameters).then(
		(value) => answer({ id, value: value ?? null }),
		(error) => answer({ id, error: { code: error instanceof LuciaError ? error.message : null, message: String(error) } }),
	);
}
await client.disconnect();

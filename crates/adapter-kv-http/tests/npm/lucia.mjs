// Calls one method of Lucia JS on an unstorage server: node lucia.mjs <url> <method> <arguments, as JSON>
// Prints what it returns, or { "error": code }, as JSON.
import { unstorage as sessionAdapter } from "@lucia-auth/adapter-session-unstorage";
import { lucia, LuciaError } from "lucia";
import "lucia/polyfill/node";
import { createStorage } from "unstorage";
import http from "unstorage/drivers/http";

const [base, method, parameters] = process.argv.slice(2);
const storage = createStorage({ driver: http({ base }) });

// Every user exists, because only sessions are compared.
const userAdapter = () => ({ getUser: async (id) => ({ id }) });

const reserved = ["id", "user_id", "active_expires", "idle_expires"];
const auth = lucia({
	adapter: { user: userAdapter, session: sessionAdapter(storage) },
	env: "DEV",
	getSessionAttributes: (row) => Object.fromEntries(Object.entries(row).filter(([name]) => !reserved.includes(name))),
});

// Times are returned as stored.
const session = ({ activePeriodExpiresAt, idlePeriodExpiresAt, ...rest }) => ({
	...rest,
	activePeriodExpiresAt: activePeriodExpiresAt.getTime(),
	idlePeriodExpiresAt: idlePeriodExpiresAt.getTime(),
});
const methods = {
	createSession: async (userId, attributes) => session(await auth.createSession({ userId, attributes })),
	validateSession: async (sessionId) => session(await auth.validateSession(sessionId)),
	getAllUserSessions: async (userId) => (await auth.getAllUserSessions(userId)).map(session),
	updateSessionAttributes: async (sessionId, attributes) =>
		session(await auth.updateSessionAttributes(sessionId, attributes)),
	invalidateSession: (sessionId) => auth.invalidateSession(sessionId),
	invalidateAllUserSessions: (userId) => auth.invalidateAllUserSessions(userId),
};

let outcome;
try {
	outcome = (await methods[method](...JSON.parse(parameters))) ?? null;
} catch (error) {
	if (!(error instanceof LuciaError)) throw error;
	outcome = { error: error.message };
}
console.log(JSON.stringify(outcome));

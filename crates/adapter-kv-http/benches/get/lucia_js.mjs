// Validates sessions of an unstorage server with Lucia JS.
import { unstorage as sessionAdapter } from "@lucia-auth/adapter-session-unstorage";
import { lucia } from "lucia";
import "lucia/polyfill/node";
import { createStorage } from "unstorage";
import http from "unstorage/drivers/http";

import { serve } from "./serve.mjs";

const [base, sessions] = process.argv.slice(2);
// Every user exists, in memory.
const userAdapter = () => ({ getUser: async (id) => ({ id }) });
const auth = lucia({
	adapter: { user: userAdapter, session: sessionAdapter(createStorage({ driver: http({ base }) })) },
	env: "PROD",
});

await serve({
	async validate(index) {
		const session = await auth.validateSession(String((index * 7n) % BigInt(sessions)).padStart(40, "0"));
		if (session.state !== "active") throw new Error("an idle session");
	},
});

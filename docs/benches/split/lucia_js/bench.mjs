// Validates sessions of a Redis server, whose users are in a SQLite file, with Lucia JS.
import { redis as sessionAdapter } from "@lucia-auth/adapter-session-redis";
import { betterSqlite3 } from "@lucia-auth/adapter-sqlite";
import Database from "better-sqlite3";
import { lucia } from "lucia";
import { createClient } from "redis";

import { serve } from "./serve.mjs";

const [url, file, sessions] = process.argv.slice(2);
const database = new Database(file);
database.pragma("journal_mode = WAL");
const client = createClient({ url });
await client.connect();
const auth = lucia({
  env: "PROD",
  adapter: {
    user: betterSqlite3(database, { user: "User", session: null, key: "Key" }),
    session: sessionAdapter(client, { session: "session", userSessions: "userSession" }),
  },
  getUserAttributes: (user) => ({ username: user.username }),
  getSessionAttributes: (session) => ({ country: session.country }),
});

// A plain id of the session with this number, as ../shared/rows.rs names it.
const session = (index) =>
  "p" + ((index * 2654435761n) % 4294967296n).toString(16).padStart(8, "0") + String(index).padStart(32, "0");

await serve({
  async validate(index) {
    const validated = await auth.validateSession(session(BigInt.asUintN(64, index * 0x9e3779b97f4a7c15n) % BigInt(sessions)));
    if (validated.state !== "active" || !validated.user.username) throw new Error("an idle session, or no user");
  },
});

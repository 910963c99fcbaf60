// Validates or sets sessions of a file with Lucia JS.
import { betterSqlite3 } from "@lucia-auth/adapter-sqlite";
import Database from "better-sqlite3";
import { lucia, LuciaError } from "lucia";

import { serve } from "./serve.mjs";

const [file, sessions] = process.argv.slice(2);
const database = new Database(file);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
database.pragma("foreign_keys = ON");
const adapter = betterSqlite3(database, { user: "User", session: "Session", key: "Key" });
const auth = lucia({
  env: "PROD",
  adapter,
  getUserAttributes: (user) => ({ username: user.username }),
  getSessionAttributes: (session) => ({ country: session.country }),
});
const store = adapter(LuciaError);

const session = (index) =>
  "p" + ((index * 2654435761n) % 4294967296n).toString(16).padStart(8, "0") + String(index).padStart(32, "0");

await serve({
  async validate(index) {
    const validated = await auth.validateSession(session(BigInt.asUintN(64, index * 0x9e3779b97f4a7c15n) % BigInt(sessions)));
    if (validated.state !== "active") throw new Error("an idle session");
  },
  async set(index) {
    const user_id = "user" + String(index % BigInt(sessions)).padStart(11, "0");
    await store.setSession({
      id: "js" + String(index).padStart(38, "0"),
      user_id,
      active_expires: 4102444800000,
      idle_expires: 4102444800000,
      country: "NZ",
    });
  },
});

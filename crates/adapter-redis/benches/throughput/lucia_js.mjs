// The operations of the adapter of Lucia JS on a Redis, with the same keys as those of adapter-redis.
import { redis as sessionAdapter } from "@lucia-auth/adapter-session-redis";
import { LuciaError } from "lucia";
import { createClient } from "redis";

import { serve } from "./serve.mjs";

const [url, stored, listed, users] = process.argv.slice(2);
const client = createClient({ url });
await client.connect();
const store = sessionAdapter(client, { session: "session", userSessions: "userSession" })(LuciaError);
const ids = stored.split(",");

await serve({
  async get(index) {
    const session = await store.getSession(ids[Number(index) % ids.length]);
    if (session === null) throw new Error("no session");
  },
  async list(index) {
    const sessions = await store.getSessionsByUserId("user" + (Number(index) % (ids.length / listed)));
    if (sessions.length !== Number(listed)) throw new Error("another number of sessions");
  },
  async set(index) {
    const number = Number(index);
    const user = number % 2 === 0 ? (number / 2) % users : Number(users) + number;
    await store.setSession({
      id: "js" + String(number).padStart(38, "0"),
      user_id: "user" + user,
      country: "DE",
      device: "Firefox on Linux, in the office",
      active_expires: 4102444800000 + number,
      idle_expires: 4102444800000 + number,
    });
  },
});

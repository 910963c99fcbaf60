// Lucia, on its own adapter for Prisma, or on that for better-sqlite3 where the names are those of tables.

import { betterSqlite3 } from "@lucia-auth/adapter-sqlite";
import { prisma } from "@lucia-auth/adapter-prisma";
import { lucia } from "lucia";

async function adapter({ url }, client, names) {
	if (names?.tables) {
		const { default: Database } = await import("better-sqlite3");
		return betterSqlite3(new Database(url.replace("file:", "")), names.tables);
	}
	// Without names it takes those of the default mode.
	return prisma(client, names ?? undefined);
}

export async function auth(options, client, names) {
	return lucia({
		adapter: await adapter(options, client, names),
		env: "DEV",
		getUserAttributes: ({ id, ...attributes }) => attributes,
		getSessionAttributes: ({ country }) => ({ country }),
	});
}

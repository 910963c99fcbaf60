// Lucia, on its own adapter for Prisma.

import { prisma } from "@lucia-auth/adapter-prisma";
import { lucia } from "lucia";

export function auth(client, models) {
	return lucia({
		// Without names it takes those of the default mode.
		adapter: prisma(client, models ?? undefined),
		env: "DEV",
		getUserAttributes: ({ username }) => ({ username }),
		getSessionAttributes: ({ country }) => ({ country }),
	});
}

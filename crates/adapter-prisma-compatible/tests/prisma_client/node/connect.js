// A client that reaches its database through Prisma's own driver adapter.

async function driver({ provider, url, schema, timestampFormat }) {
	switch (provider) {
		case "sqlite": {
			const { PrismaBetterSqlite3 } = await import("@prisma/adapter-better-sqlite3");
			return new PrismaBetterSqlite3({ url }, { timestampFormat });
		}
		case "postgresql": {
			const { PrismaPg } = await import("@prisma/adapter-pg");
			return new PrismaPg({ connectionString: url }, { schema });
		}
		case "mysql": {
			const { PrismaMariaDb } = await import("@prisma/adapter-mariadb");
			return new PrismaMariaDb(url);
		}
	}
	throw new Error(`no provider ${provider}`);
}

export async function connect(options) {
	const { PrismaClient, Prisma } = await import(`./clients/${options.provider}/client.ts`);
	const client = new PrismaClient({ adapter: await driver(options) });
	return { client, nulls: { $jsonNull: Prisma.JsonNull, $dbNull: Prisma.DbNull } };
}

// PlanetScale's HTTP API in front of a MySQL server, with the database `sessions`:
// node planetscale-api.mjs <port> <port of MySQL> <user> <password>
//
// As the client @planetscale/database expects it: a POST of { query, session } to /psdb.v1alpha1.Database/Execute with the
// user and the password is answered with { session, result } or { session, error }. The values of a row are one string in
// base64, and their lengths decimal numbers, -1 for NULL.
import { createServer } from "node:http";
import mysql from "mysql2/promise";

const [port, mysqlPort, user, password] = process.argv.slice(2);
const account = { host: "127.0.0.1", port: Number(mysqlPort), user, password };
const authorization = `Basic ${btoa(`${user}:${password}`)}`;

// The table of docs/unstorage.md.
const TABLE = `CREATE TABLE storage (
	id VARCHAR(512) COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
	value LONGTEXT,
	created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
	updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
) DEFAULT CHARSET utf8mb4`;
const connection = await mysql.createConnection(account);
for (const statement of ["CREATE DATABASE sessions", "USE sessions", TABLE]) await connection.query(statement);
await connection.end();

const { Types } = mysql;
const TYPES = {
	[Types.LONG]: "INT32",
	[Types.LONGLONG]: "INT64",
	[Types.TIMESTAMP]: "TIMESTAMP",
	[Types.VAR_STRING]: "VARCHAR",
	[Types.BLOB]: "TEXT",
};
const pool = mysql.createPool({ ...account, database: "sessions", typeCast: false, rowsAsArray: true });

const execute = async (query) => {
	const [found, fields] = await pool.query(query);
	if (!fields) return { rowsAffected: String(found.affectedRows) };
	return {
		fields: fields.map(({ name, columnType, characterSet }) => ({
			name,
			type: TYPES[columnType],
			charset: characterSet,
		})),
		rows: found.map((values) => ({
			lengths: values.map((value) => String(value?.length ?? -1)),
			values: Buffer.concat(values.filter((value) => value !== null)).toString("base64"),
		})),
	};
};

const respond = async (request) => {
	if (request.headers.authorization !== authorization)
		return [401, { error: { code: "unauthenticated", message: "invalid authorization credentials" } }];
	if (request.method !== "POST" || request.url !== "/psdb.v1alpha1.Database/Execute") return [404, {}];
	const { query, session } = JSON.parse(Buffer.concat(await request.toArray()));
	try {
		return [200, { session, result: await execute(query), timing: 0 }];
	} catch ({ message, errno, sqlState }) {
		const described = `target: sessions.-.primary: vttablet: ${message} (errno ${errno}) (sqlstate ${sqlState})`;
		return [200, { session, error: { code: "UNKNOWN", message: described } }];
	}
};

// A busy server would close connections with unread requests after its keep-alive timeout.
createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
	const [status, body] = await respond(request);
	response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}).listen(Number(port), "127.0.0.1");

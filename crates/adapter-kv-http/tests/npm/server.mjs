// Serves a storage: node server.mjs <port> <driver> <options of the driver, as JSON>
import { createServer } from "node:http";
import { createStorage } from "unstorage";
import { createStorageServer } from "unstorage/server";

const [port, name, options] = process.argv.slice(2);
const { default: driver } = await import(`unstorage/drivers/${name}`);
const storage = createStorage({ driver: driver(JSON.parse(options)) });

const authorize = ({ event }) => {
	const expected = process.env.TOKEN && `Bearer ${process.env.TOKEN}`;
	if (expected && event.node.req.headers.authorization !== expected) throw new Error("Unauthorized");
};
const { handle } = createStorageServer(storage, { authorize });
// A busy server would close connections with unread requests after its keep-alive timeout.
createServer({ keepAliveTimeout: 60_000 }, handle).listen(Number(port), "127.0.0.1");

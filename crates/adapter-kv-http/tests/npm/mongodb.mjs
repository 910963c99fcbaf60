// Serves a collection of MongoDB, which it empties: node mongodb.mjs <port> mongodb <options of the driver, as JSON>
import { createServer } from "node:http";
import { createStorage } from "unstorage";
import { createStorageServer } from "unstorage/server";

const [port, name, options] = process.argv.slice(2);
const { default: create } = await import(`unstorage/drivers/${name}`);
const driver = create(JSON.parse(options));
await driver.clear();
// Without this index, two parallel writes of a new key may insert it twice, and a deletion would remove one of them.
await driver.getInstance().createIndex({ key: 1 }, { unique: true });

const { handle } = createStorageServer(createStorage({ driver }));
// A busy server would close connections with unread requests after its keep-alive timeout.
createServer({ keepAliveTimeout: 60_000 }, handle).listen(Number(port), "127.0.0.1");

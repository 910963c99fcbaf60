// Serves blobs of Azure: node azure.mjs <port> azure-storage-blob <options of the driver, as JSON>
//
// Every listing reads a whole container, so each application, by the first segment of its keys, has its own.
import { createServer } from "node:http";
import { createStorage } from "unstorage";
import { createStorageServer } from "unstorage/server";

const [port, name, options] = process.argv.slice(2);
const { default: driver } = await import(`unstorage/drivers/${name}`);
const storage = createStorage();
const { handle } = createStorageServer(storage);

const mount = async (containerName) => {
	const container = driver({ ...JSON.parse(options), containerName });
	// The driver does not wait for this.
	await container.getInstance().createIfNotExists();
	storage.mount(containerName, container);
};

const mounts = new Map();
// A busy server would close connections with unread requests after its keep-alive timeout.
createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
	const [, name] = request.url.split(/[/:?]/);
	if (!mounts.has(name)) mounts.set(name, mount(name));
	await mounts.get(name);
	await handle(request, response);
}).listen(Number(port), "127.0.0.1");

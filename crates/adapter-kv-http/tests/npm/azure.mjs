// Serves blobs of Azure: node azure.mjs <port> <connection string>
//
// The driver lists its whole container for every listing. Each application, by the first segment of its keys, has its own.
import { createServer } from "node:http";
import { createStorage } from "unstorage";
import driver from "unstorage/drivers/azure-storage-blob";
import { createStorageServer } from "unstorage/server";

const [port, connectionString] = process.argv.slice(2);
const storage = createStorage();
const { handle } = createStorageServer(storage);

const mount = async (containerName) => {
	const container = driver({ connectionString, containerName });
	// The driver does not wait for it.
	await container.getInstance().createIfNotExists();
	storage.mount(containerName, container);
};

const mounts = new Map();
// A server that is busy for longer than it keeps connections would close them with requests in them.
createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
	const [, name] = request.url.split(/[/:?]/);
	if (!mounts.has(name)) mounts.set(name, mount(name));
	await mounts.get(name);
	await handle(request, response);
}).listen(Number(port), "127.0.0.1");

// Workers that run in workerd, and the way past them to their bindings.

import { once } from "node:events";
import { readdirSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { text } from "node:stream/consumers";
import { Miniflare } from "miniflare";

const root = path.join(import.meta.dirname, "workers");

/** The origin of the site that an isolate serves. */
export const siteOf = (isolate) => `https://isolate${isolate}.example.com`;

/** Starts a Worker. Its bindings are empty, in memory or below a folder, and shared by its isolates. */
export function start(name, bindings, { isolates = 1, folder } = {}) {
	const modulesRoot = path.join(root, name);
	const files = readdirSync(modulesRoot, { recursive: true }).filter((file) => /\.(js|wasm)$/.test(file));
	const modules = ["shim.mjs", ...files].map((file) => ({
		type: file.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
		path: path.join(modulesRoot, file),
	}));
	const isolate = { modulesRoot, modules, compatibilityDate: "2026-04-01", ...bindings };
	const workers = Array.from({ length: isolates }, (_, index) => {
		return { name: `isolate${index}`, routes: [`${siteOf(index)}/*`], ...isolate };
	});
	return new Miniflare({ workers, cf: false, ...(folder && { d1Persist: folder, kvPersist: folder }) });
}

/** Asks a Worker, and waits for as long as it takes. `fetch` gives up after five minutes. */
export async function ask(worker, path) {
	const [response] = await once(http.get(new URL(path, await worker.ready)), "response");
	return { status: response.statusCode, body: await text(response) };
}

/** Every key of a namespace that begins with a prefix. */
export async function keys(kv, prefix = "") {
	const names = [];
	let page = {};
	do {
		page = await kv.list({ prefix, cursor: page.cursor });
		names.push(...page.keys.map((key) => key.name));
	} while (!page.list_complete);
	return names;
}

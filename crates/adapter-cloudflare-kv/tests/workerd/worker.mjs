// Workers that run in workerd, and the way past them to their bindings.

import { readdirSync } from "node:fs";
import path from "node:path";
import { Miniflare } from "miniflare";

const root = path.join(import.meta.dirname, "workers");

/** Starts a Worker. Its bindings are empty, in memory, and its own. */
export function start(name, bindings) {
	const modulesRoot = path.join(root, name);
	const files = readdirSync(modulesRoot, { recursive: true }).filter((file) => /\.(js|wasm)$/.test(file));
	const modules = ["shim.mjs", ...files].map((file) => ({
		type: file.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
		path: path.join(modulesRoot, file),
	}));
	return new Miniflare({ modulesRoot, modules, compatibilityDate: "2026-04-01", cf: false, ...bindings });
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

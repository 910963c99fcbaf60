// Runs Prisma Client, and Lucia on it, for the tests in Rust: a request per line of standard input, and an answer per line of
// standard output. Ends when its input does.

import { createInterface } from "node:readline";
import { connect } from "./connect.js";
import { auth } from "./auth.js";
import { decode, encode } from "./values.js";

const options = JSON.parse(process.argv[2]);
const { client, nulls } = await connect(options);
const lucia = new Map();

async function run({ model, operation, data, where, lucia: names, call, args }) {
	if (call) {
		const key = JSON.stringify(names);
		if (!lucia.has(key)) lucia.set(key, await auth(options, client, names));
		return lucia.get(key)[call](...args.map((arg) => decode(arg, nulls)));
	}
	const row = data && Object.fromEntries(Object.entries(data).map(([name, value]) => [name, decode(value, nulls)]));
	return client[model][operation]({ data: row, where });
}

for await (const line of createInterface({ input: process.stdin })) {
	let answer;
	try {
		answer = { result: encode(await run(JSON.parse(line))) ?? null };
	} catch (error) {
		answer = { error: { name: error.name, code: error.code ?? null, message: error.message } };
	}
	process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await client.$disconnect();

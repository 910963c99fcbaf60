// The suite runs inside the Worker; this shows what came of each case.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, start } from "./worker.mjs";

// A case of each suite that says that it has run, and not only the easy ones.
const suites = {
	d1: "core_sign_ins_beside_a_change_of_password_are_revoked",
	plain: "core_forgets_the_session_of_a_deleted_user",
	scans: "scan_sessions_returns_what_exists_throughout",
	tokens: "parallel_add_to_counter_is_exact",
	plain_tokens: "delete_user_deletes_its_tokens",
	kv: "delete_sessions_by_user_id_deletes_more_than_a_page",
	users: "parallel_set_user_with_one_key_id_has_one_winner",
	split: "core_sign_up_with_a_taken_key_leaves_no_user",
	checks: "operations_take_few_requests",
};

for (const [suite, witness] of Object.entries(suites)) {
	test(suite, async (t) => {
		const worker = start("conformance", { kvNamespaces: ["KV"], d1Databases: ["DB"] });
		t.after(() => worker.dispose());
		const { status, body } = await ask(worker, `/${suite}`);
		assert.equal(status, 200, body);
		const cases = JSON.parse(body);
		for (const { name, outcome, reason } of cases) {
			await t.test(name, { skip: outcome === "ignored" && reason }, () => {
				assert.equal(outcome, "passed", reason);
			});
		}
		assert.equal(cases.find(({ name }) => name === witness)?.outcome, "passed", witness);
	});
}

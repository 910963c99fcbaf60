// Measures functions of an index, given by their names. Each line of the standard input is `{subject} {tasks} {calls} {start}`,
// and is answered with the microseconds per call.
import { createInterface } from "node:readline";

export const serve = async (subjects) => {
  for await (const line of createInterface({ input: process.stdin })) {
    const [subject, tasks, calls, start] = line.split(" ");
    const run = subjects[subject];
    const each = Math.floor(calls / tasks);
    let next = BigInt(start);
    const begin = performance.now();
    await Promise.all(
      Array.from({ length: Number(tasks) }, async () => {
        for (let call = 0; call < each; call++) await run(next++);
      }),
    );
    console.log(((performance.now() - begin) * 1000) / (each * tasks));
  }
};

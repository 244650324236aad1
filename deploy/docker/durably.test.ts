import { expect, test } from "bun:test";
import { makeDurableSoon } from "./durably.ts";

/** An admin API that answers so, one answer after the other, the last one again and again. */
function admin(...answers: readonly (() => Response)[]) {
  let asked = 0;
  const server = Bun.serve({
    port: 0,
    fetch: () => (answers[Math.min(asked++, answers.length - 1)] ?? Response.error)(),
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    asked: () => asked,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

const refusal = (text: string) => () => new Response(text, { status: 500 });
const durable = () => Response.json({ durability_mode: "strong", txn_timeout_s: 5 });

test("each thing that is in the way is said once, and the server that answers then is made durable", async () => {
  const lines: string[] = [];
  // Each try asks for the configuration, and then changes it.
  const tries = ["disk full", "disk full", "no such namespace"].flatMap((text) => [refusal(text), refusal(text)]);
  await using server = admin(...tries, durable);
  expect(await makeDurableSoon(server.url, { patienceMs: 2 ** 30, say: (line) => lines.push(line) })).toBe(false);
  expect(lines).toEqual([
    `${server.url} is not durable yet: sqld refused to become durable (500): disk full; this is tried again`,
    `${server.url} is not durable yet: sqld refused to become durable (500): no such namespace; this is tried again`,
  ]);
});

test("when patience is over it ends with what is in the way", async () => {
  await using server = admin(refusal("disk full"));
  const lines: string[] = [];
  await expect(makeDurableSoon(server.url, { patienceMs: 0, say: (line) => lines.push(line) })).rejects.toThrow(
    `${server.url} is not durable yet: sqld refused to become durable (500): disk full`,
  );
  expect(lines).toEqual([]);
});

test("a server that is durable already is left as it is", async () => {
  await using server = admin(durable);
  expect(await makeDurableSoon(server.url, { patienceMs: 0, say: () => undefined })).toBe(false);
  expect(server.asked()).toBe(1);
});

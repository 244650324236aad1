import { expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { conversationOf } from "../conversations/of-project.ts";
import { sendMessage } from "../test/without-key.ts";
import { createWorld } from "../test/world.ts";
import { listMessages } from "./list.ts";
import { countUnread } from "./unread.ts";

/** A project of Ann and Bob, with a task that is completed and reopened again and again. */
async function board() {
  const world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const project_id = await world.project(ann, bob);
  const id = conversationOf(project_id);
  const task = (more: object = {}) => ({
    task_id: newId(),
    project_id,
    key: "APO-1",
    title: "Write",
    version: 1,
    changes: [],
    ...more,
  });
  const said = async () =>
    (await listMessages(world.deps, bob, id, { limit: 100 })).items.map(({ seq, content }) => `${seq} ${content}`);
  return { world, ann, bob, id, task, said, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

test("a task that is completed and reopened ten times is one message, which says the latest", async () => {
  await using here = await board();
  const { world, ann, bob, id, task, said } = here;
  const write = task();
  for (let round = 0; round < 10; round++) {
    await world.apply("task.completed", write, ann);
    if (round > 0) expect(await said()).toEqual(["1 Task completed: APO-1 Write"]);
    await world.apply("task.reopened", write, ann);
    expect(await said()).toEqual(["1 Task reopened: APO-1 Write"]);
  }
  const [message] = (await listMessages(world.deps, bob, id, {})).items;
  expect(message).toMatchObject({ type: "system", version: 20, edited_at: null });
  const events = (await world.events()).filter((name) => name.startsWith("message."));
  expect(events).toEqual(["message.sent", ...Array<string>(19).fill("message.edited")]);
  expect(await countUnread(world.db, bob)).toEqual({ total: 0, conversations: [] });
});

test("the message is changed although others were sent after it, while it is not old", async () => {
  await using here = await board();
  const { world, ann, bob, id, task, said } = here;
  const [write, read] = [task(), task({ key: "APO-2", title: "Read" })];
  await world.apply("task.completed", write, ann);
  await world.apply("task.completed", read, ann);
  await sendMessage(world.deps, bob, id, { content: "well done" });
  await world.apply("task.reopened", write, ann);
  expect(await said()).toEqual(["1 Task reopened: APO-1 Write", "2 Task completed: APO-2 Read", "3 well done"]);
  // Eleven minutes later.
  await world.db.write([sql`update messages set updated_at = '2020-01-01T00:00:00.000Z' where seq < 3`]);
  await world.apply("task.completed", write, ann);
  await world.apply("task.reopened", read, ann);
  expect(await said()).toEqual([
    "1 Task reopened: APO-1 Write",
    "2 Task completed: APO-2 Read",
    "3 well done",
    "4 Task completed: APO-1 Write",
  ]);
});

test("the last message is changed however old it is; reopening sends none of its own", async () => {
  await using here = await board();
  const { world, ann, task, said } = here;
  const write = task();
  await world.apply("task.reopened", write, ann);
  expect(await said()).toEqual([]);
  await world.apply("task.completed", write, ann);
  await world.db.write([sql`update messages set updated_at = '2020-01-01T00:00:00.000Z'`]);
  await world.apply("task.reopened", { ...write, title: "Write it" }, ann);
  expect(await said()).toEqual(["1 Task reopened: APO-1 Write it"]);
});

test("tasks that one request completes again are told once, and a personal task is told to nobody", async () => {
  await using here = await board();
  const { world, ann, task, said } = here;
  const [first, second] = [task(), task({ key: "APO-2" })];
  for (let round = 0; round < 3; round++) {
    await world.apply("task.completed", { ...first, batch: { position: 1, size: 2 } }, ann);
    await world.apply("task.completed", { ...second, batch: { position: 2, size: 2 } }, ann);
    for (const one of [first, second]) await world.apply("task.reopened", one, ann);
  }
  await world.apply("task.completed", task({ project_id: null, key: null }), ann);
  await world.apply("task.reopened", task({ project_id: null, key: null }), ann);
  expect(await said()).toEqual(["1 2 tasks completed: APO-1 Write and 1 more"]);
});

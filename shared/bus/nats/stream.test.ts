import { afterAll, expect, spyOn, test } from "bun:test";
import { startNats } from "@stoa/testing";
import { NatsError } from "nats";
import { natsFor } from "../test/stream.ts";
import { envelope } from "../test/world.ts";
import { createStream, deleteStream, eventAt, headOf, lastEvent } from "./stream.ts";

const server = await startNats();
afterAll(() => server[Symbol.asyncDispose]());

test("an event that is not in a stream is undefined, and so is a stream that does not exist", async () => {
  await using nc = await natsFor(server.url);
  const jsm = await nc.jetstreamManager({ checkAPI: false });
  expect(await headOf(jsm, "identity")).toBeUndefined();
  expect(await eventAt(jsm, "identity", 1)).toBeUndefined();
  await deleteStream(jsm, "identity");
  await createStream(jsm, "identity");
  for (const n of [1, 2, 3]) {
    await nc.jetstream().publish(`evt.identity.user.${n === 2 ? "disabled" : "updated"}`, JSON.stringify(envelope(n)));
  }
  await jsm.streams.deleteMessage("IDENTITY", 3);
  const head = await headOf(jsm, "identity");
  expect(head).toMatchObject({ first: 1, last: 3, whole: false });
  expect(await eventAt(jsm, "identity", 3)).toBeUndefined();
  expect(head && (await lastEvent(jsm, "identity", head))).toEqual(envelope(2));
  await deleteStream(jsm, "identity");
  expect(await headOf(jsm, "identity")).toBeUndefined();
});

test("a server that does not answer is never mistaken for an empty stream", async () => {
  const nc = await natsFor(server.url);
  const jsm = await nc.jetstreamManager({ checkAPI: false });
  await nc.close();
  for (const ask of [headOf, deleteStream]) {
    await expect(ask(jsm, "identity")).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
  }
  await expect(eventAt(jsm, "identity", 1)).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
});

test("two may make a stream at the same moment, and a stream of another name keeps its subjects", async () => {
  await using one = await natsFor(server.url);
  await using two = await natsFor(server.url);
  const managers = await Promise.all([one, two].map((nc) => nc.jetstreamManager({ checkAPI: false })));
  const [jsm] = managers;
  if (!jsm) throw new Error("There is no manager.");
  for (let round = 0; round < 100; round++) {
    await Promise.all(managers.map((each) => createStream(each, "projects")));
    await deleteStream(jsm, "projects");
  }
  await jsm.streams.add({ name: "OTHER", subjects: ["evt.projects.>"] });
  await expect(createStream(jsm, "projects")).rejects.toThrow("subjects overlap");
  await jsm.streams.delete("OTHER");
});

test("a server that refuses the second of two at once is asked again", async () => {
  await using nc = await natsFor(server.url);
  const jsm = await nc.jetstreamManager({ checkAPI: false });
  const overlap = new NatsError("subjects overlap with an existing stream", "400");
  overlap.api_error = { code: 400, err_code: 10065, description: overlap.message };
  const add = spyOn(jsm.streams, "add").mockRejectedValueOnce(overlap);
  await createStream(jsm, "messaging");
  expect(add).toHaveBeenCalledTimes(2);
  expect(await headOf(jsm, "messaging")).toMatchObject({ last: 0 });
  add.mockRestore();
});

import { afterAll, expect, test } from "bun:test";
import { startNats } from "@stoa/testing";
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

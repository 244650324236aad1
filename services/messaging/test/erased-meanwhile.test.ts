import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Doing, verified } from "@stoa/testing";
import { doingOf, type Name } from "./doings.ts";
import { type Scene, startScene, told } from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

describe("with the erasure of its user before any of its steps it ends as if one came after the other", () => {
  test.each<Name>([
    "open a direct conversation",
    "come back to a direct conversation",
    "make a group",
    "rename the group",
    "rename the group as it was",
    "rename the group as a superuser",
    "join as a superuser",
    "the owner leaves",
    "leave the direct conversation",
    "add Eve",
    "remove Bob",
    "hand over to Bob",
    "hand over to Eve",
    "hand over to Eve as it was",
    "send",
    "reply",
    "send about the task",
    "send directly",
    "write to Eve",
    "write to Eve under a key",
    "write to Cid again",
    "ask the assistant",
    "edit the reply",
    "delete the reply",
    "delete the mention as a superuser",
    "react to the reply",
    "take the reaction back",
    "pin the mention",
    "report the reply",
    "resolve the report",
    "block Eve",
    "follow the task",
    "follow the task no more",
    "want no mentions",
    "want quiet",
    "add an assistant",
    "remove the assistant",
    "want one's messages erased",
  ])("%s", async (name) => {
    const [command, erased] = asTheyAreErased(name);
    expect(await scene.stage.eitherOrder(command, erased)).toEqual([]);
  });

  // Of what changes nothing it is not asked why: the answer is that of one that had come before.
  test.each<Name>(["mute the group", "read the group", "read the notifications"])(
    "%s, whatever is answered",
    async (name) => {
      const [command, erased] = asTheyAreErased(name);
      const silent: Doing = async (db) => void (await command(db));
      expect(await scene.stage.eitherOrder(silent, erased)).toEqual([]);
    },
  );

  /** A request, and the erasure of whoever makes it. */
  function asTheyAreErased(name: Name): readonly [command: Doing, erased: Doing] {
    const request = doingOf(scene, name);
    if (typeof request === "function") throw new Error("Nobody asks for it.");
    const [{ user_id, session_id }] = request;
    return [
      verified({ user_id, session_id }, scene.ask.command(...request)),
      told("user.erased", { user_id, session_ids: [session_id] }),
    ];
  }
});

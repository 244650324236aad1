import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Doing, straysOf } from "@stoa/testing";
import { doingOf, type Name } from "./doings.ts";
import { type Scene, startScene } from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

const openRivals: Name[] = ["open it from the other side", "block Eve", "Eve blocks Ann", "Eve is erased"];
const groupRivals: Name[] = [
  "rename the group",
  "the owner leaves",
  "add Eve",
  "remove Bob",
  "hand over to Bob",
  "Bob is erased",
  "Eve is erased",
  "Eve blocks Ann",
];
const handRivals: Name[] = [...groupRivals, "remove Eve", "Eve leaves", "rename the group as a superuser"];
const writeRivals: Name[] = [...openRivals, "open a direct conversation", "Eve writes to Ann", "make a group"];
const comeBackRivals: Name[] = ["Cid writes to Ann", "Cid leaves the direct conversation", "block Cid"];
const sendRivals: Name[] = [
  "remove Bob",
  "the owner leaves",
  "reply",
  "delete the first",
  "remove the assistant",
  "Bob is erased",
];
const messageRivals: Name[] = [
  "edit the reply",
  "edit the reply to mention",
  "delete the reply",
  "remove Bob",
  "the owner leaves",
  "erase messages",
  "expire messages",
  "Bob is erased",
];
const mentionRivals: Name[] = ["delete the mention", "edit the mention away", "the owner leaves", "erase messages"];
const taskRivals: Name[] = [
  "the task is moved",
  "the task is trashed",
  "the task is purged",
  "Ann is removed from the project",
  "Cid is removed from the project",
  "the project is trashed",
  "the project is purged",
];
const answerRivals: Name[] = [
  "begin an answer",
  "finish the answer",
  "end the answer of a dead process",
  "remove the assistant",
  "delete what was asked",
  "the owner leaves",
  "Ann is erased",
];

/** Each command with those that come between its steps, itself among them. */
const table: readonly (readonly [Name, readonly Name[]])[] = [
  ["open a direct conversation", [...openRivals, "write to Eve", "Eve writes to Ann"]],
  ["come back to a direct conversation", [...comeBackRivals, "write to Cid again"]],
  ["make a group", openRivals],
  ["rename the group", groupRivals],
  ["rename the group as it was", groupRivals],
  ["the owner leaves", groupRivals],
  ["the owner leaves the pair", ["the other leaves the pair", "Bob is erased", "Ann is erased"]],
  ["leave the direct conversation", ["the other leaves the direct conversation", "send directly"]],
  ["add Eve", groupRivals],
  ["remove Bob", groupRivals],
  ["hand over to Bob", [...groupRivals, "Bob leaves"]],
  ["hand over to Eve", handRivals],
  ["hand over to Eve as it was", handRivals],
  ["mute the group", [...groupRivals, "Ann is erased"]],
  ["read the group", ["send", "the owner leaves"]],

  ["send", sendRivals],
  ["reply", sendRivals],
  ["send under an id", ["send another under the id", "remove Bob"]],
  ["send under a key", ["remove Bob", "Bob is erased"]],
  ["send about the task", taskRivals],
  ["send about the task where it goes", taskRivals],
  ["send directly", ["leave the direct conversation", "the other leaves the direct conversation", "block Bob"]],
  ["ask the assistant", answerRivals],
  ["write to Eve", writeRivals],
  ["write to Eve under an id", writeRivals],
  ["write to Eve under a key", writeRivals],
  ["reply to Eve", writeRivals],
  ["write to Cid again", [...comeBackRivals, "come back to a direct conversation"]],
  ["edit the reply", messageRivals],
  ["edit the reply to mention", [...messageRivals, "remove Cid"]],
  ["edit the reply as it was", messageRivals],
  ["edit the mention away", mentionRivals],
  ["delete the reply", messageRivals],
  ["delete the mention as a superuser", [...mentionRivals, "resolve the report"]],
  ["react to the reply", [...messageRivals, "remove Cid"]],
  ["take the reaction back", mentionRivals],
  ["pin the mention", mentionRivals],
  ["unpin the reply", messageRivals],
  ["report the reply", messageRivals],
  ["resolve the report", ["note on the report", "delete the mention", "expire messages"]],
  ["note on the report", ["resolve the report"]],
  ["block Eve", ["Eve is erased", "open a direct conversation"]],
  ["follow the task", [...taskRivals, "follow the task no more"]],
  ["follow the task no more", [...taskRivals, "follow the task"]],
  ["read the notifications", ["reply", "delete the mention"]],
  ["want no mentions", ["want quiet", "mail digests"]],
  ["want quiet", ["want no mentions", "mail digests"]],
  ["add an assistant", ["the owner leaves", "remove the assistant"]],
  ["remove the assistant", answerRivals],

  ["begin an answer", answerRivals],
  ["finish the answer", [...answerRivals, "remove Bob"]],
  ["end the answer of a dead process", ["finish the answer", "remove the assistant"]],
  ["erase messages", ["want one's messages erased", "edit the reply"]],
  ["expire messages", ["edit the reply", "delete the first"]],
  ["mail digests", ["want no mentions", "want quiet", "read the notifications", "Ann is erased"]],
  ["mail digests of the next day", ["mail digests of the next day"]],
  ["purge", ["the project is purged", "the task is moved"]],
];

describe("with another command before any of its steps it ends as if one came after the other", () => {
  const doing = (who: "command" | "other", name: Name): Doing => {
    const one = doingOf(scene, name);
    return typeof one === "function" ? one : scene.ask[who](...one);
  };
  test.each(table)("%s", async (name, others) => {
    expect(await straysOf(scene.stage, name, others, doing)).toEqual([]);
  });
});

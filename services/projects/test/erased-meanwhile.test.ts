import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Doing, verified } from "@stoa/testing";
import { doingOf, isRequest, type Name } from "./doings.ts";
import { asking, type Request, type Scene, startScene, told } from "./scene.ts";

let scene: Scene;
let ask: Record<"command" | "other", (request: Request) => Doing>;
beforeAll(async () => {
  scene = await startScene();
  ask = { command: asking(scene), other: asking(scene) };
});
afterAll(() => scene.close());

describe("with the erasure of its user before any of its steps it ends as if one came after the other", () => {
  test.each<Name>([
    "make a project",
    "make a project in the organization",
    "make a project in the organization as a superuser",
    "rename the project as a superuser",
    "put the project into the organization as a superuser",
    "join as a superuser",
    "make a personal task",
    "make a task below the personal one",
    "rename the personal task",
    "move the personal task to the project",
    "record work on the personal task",
    "make a task",
    "make a task as a superuser",
    "complete the task as its assignee",
    "complete all tasks",
    "complete all tasks as a superuser",
    "record work",
    "record work as a superuser",
    "share a view",
    "keep a view",
    "keep a view as a superuser",
    "share the view no more",
    "share the view no more as a superuser",
    "make a webhook",
    "import",
    "import all anew",
  ])("%s", async (name) => {
    const request = doingOf(scene, name);
    if (!isRequest(request)) throw new Error("Nobody asks for it.");
    const { user_id, session_id } = request[2]?.as ?? scene.ada;
    const erased = told("user.erased", { user_id, session_ids: [session_id] });
    const command = verified({ user_id, session_id }, ask.command(request));
    expect(await scene.stage.eitherOrder(command, erased)).toEqual([]);
  });
});

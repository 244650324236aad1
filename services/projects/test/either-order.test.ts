import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Doing, straysOf } from "@stoa/testing";
import { doingOf, isRequest, type Name } from "./doings.ts";
import { asking, type Request, type Scene, startScene } from "./scene.ts";

let scene: Scene;
let ask: Record<"command" | "other", (request: Request) => Doing>;
beforeAll(async () => {
  scene = await startScene();
  ask = { command: asking(scene), other: asking(scene) };
});
afterAll(() => scene.close());

const projectRivals: Name[] = [
  "rename the project",
  "put the project into the organization",
  "trash the project",
  "restore the project",
  "make Grace an owner",
  "the organization is deleted",
  "purge projects",
];
const memberRivals: Name[] = [
  "rename the project",
  "trash the project",
  "add Eve",
  "make Grace an owner",
  "make Grace a viewer",
  "remove Grace",
  "Eve is erased",
  "Grace is erased",
];
const taskRivals: Name[] = [
  "rename the task",
  "begin the task",
  "trash the task",
  "move the task to the other project",
  "move both tasks",
  "place the other task first",
  "add Linus where the task goes",
  "make Grace a viewer",
  "remove Grace",
  "Linus leaves",
  "trash the project",
];
const importRivals: Name[] = [
  "import",
  "import what is gone",
  "rename the imported task",
  "trash the imported task",
  "trash the imported subtask",
  "Eve is erased",
];

/** Each command with those that come between its steps, itself among them. */
const table: readonly (readonly [Name, readonly Name[]])[] = [
  ["rename the project", projectRivals],
  ["describe the project", projectRivals],
  ["rename the project as it was", projectRivals],
  ["put the project into the organization", projectRivals],
  ["take the project out of the organization", ["trash the organization's project", "the organization is deleted"]],
  ["trash the project", projectRivals],
  ["trash the organization's project", ["take the project out of the organization", "the organization is deleted"]],
  ["restore the project", projectRivals],
  ["make a project of a taken name", []],
  ["make a project in the organization", ["Grace is removed from the organization", "the organization is deleted"]],
  ["add Eve", memberRivals],
  ["make Grace an owner", memberRivals],
  ["make Grace a viewer", memberRivals],
  ["remove Grace", [...memberRivals, "assign the other task"]],
  ["Linus leaves", memberRivals],

  ["make a task", [...taskRivals, "Linus is erased"]],
  ["make a task under a key", ["trash the project", "remove Grace"]],
  ["rename the task", taskRivals],
  ["begin the task", taskRivals],
  ["rename the task as it was", taskRivals],
  ["put the task below another", [...taskRivals, "trash the other task", "put the other below its subtask"]],
  ["put the other below its subtask", [...taskRivals, "put the task below another", "trash the subtask"]],
  ["assign the task to nobody", taskRivals],
  ["assign the other task", taskRivals],
  ["move the task to the other project", [...taskRivals, "remove Grace where the task goes"]],
  ["move and assign the task", [...taskRivals, "remove Grace where the task goes"]],
  ["move both tasks", taskRivals],
  ["complete all tasks", taskRivals],
  ["assign both tasks", taskRivals],
  ["complete the task", taskRivals],
  ["complete the task as its assignee", [...taskRivals, "assign the task to nobody"]],
  ["reopen the other task", taskRivals],
  ["place the other task where it stands", [...taskRivals, "trash the subtask", "place the subtask last"]],
  ["place the other task first", [...taskRivals, "place the subtask last"]],
  ["place the subtask last", [...taskRivals, "make a task"]],
  ["place the only task last", ["make a task after it", "move the task to the other project"]],
  ["trash the task", taskRivals],
  ["restore the task in the trash", [...taskRivals, "purge tasks"]],

  ["record work", taskRivals],
  ["change the note of work", [...taskRivals, "change the minutes of work", "remove work"]],
  ["change the minutes of work", [...taskRivals, "change the note of work", "remove work"]],
  ["remove work", [...taskRivals, "change the note of work", "change the minutes of work"]],
  ["link the other task", [...taskRivals, "close the ring of links", "trash the other task"]],
  ["close the ring of links", [...taskRivals, "link the other task"]],
  ["remove the link", [...taskRivals, "remove the link from its other end", "trash the other task"]],

  ["share a view", memberRivals],
  ["rename the view", [...memberRivals, "share the view no more", "delete the view"]],
  ["share the view no more", [...memberRivals, "rename the view", "delete the view"]],
  ["delete the view", [...memberRivals, "rename the view", "share the view no more"]],
  ["make a webhook", projectRivals],
  ["switch the webhook off", [...projectRivals, "point the webhook elsewhere", "delete the webhook"]],
  ["point the webhook elsewhere", [...projectRivals, "switch the webhook off", "delete the webhook"]],
  ["send the delivery again", [...projectRivals, "switch the webhook off", "delete the webhook"]],
  ["delete the webhook", [...projectRivals, "switch the webhook off"]],

  ["import", importRivals],
  ["import what is gone", importRivals],
  ["import what came back", importRivals],
  ["say what is due", ["put the task off", "complete the task", "trash the task", "Grace is erased", "remove Grace"]],
  ["purge tasks", ["restore the task in the trash", "purge projects"]],
  ["purge projects", ["restore the project", "purge tasks"]],
];

describe("with another command before any of its steps it ends as if one came after the other", () => {
  const doing = (who: "command" | "other", name: Name): Doing => {
    const one = doingOf(scene, name);
    return isRequest(one) ? ask[who](one) : one;
  };
  test.each(table)("%s", async (name, others) => {
    expect(await straysOf(scene.stage, name, others, doing)).toEqual([]);
  });
});

import { newId } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { LinkType } from "@stoa/events";
import { requireAccess } from "../access.ts";
import { dataFor } from "../links/events.ts";
import { pairOf } from "../links/read.ts";
import { rightOnLinked } from "../links/right.ts";
import type { Link } from "../links/schema.ts";
import type { Task } from "../tasks/schema.ts";
import { aboutTask } from "./decide-task.ts";
import { type Draft, liveTaskOf, type Outcome, recordOf, referTo, remember } from "./draft.ts";
import type { DataLink } from "./schema.ts";
import type { ImportRecord } from "./states.ts";

/**
 * Links a task to another one that the asker sees, and may change if it is to be blocked; the link that this item has made before goes, if it was another one. A
 * link that people have taken off since is not made again.
 *
 * @throws StoaError `not_found`, `forbidden` for either task, `validation_failed` for a task and itself, `link_cycle`
 */
export function decideLink(draft: Draft, { external_id, type, task, linked_task }: DataLink): Outcome {
  const { batch, known, overwrite, time } = draft;
  const task_id = referTo(draft, "task", task, "/task");
  const linked_task_id = referTo(draft, "task", linked_task, "/linked_task");
  if (task_id === linked_task_id) throw notToItself();
  const { state, role } = liveTaskOf(draft, task_id);
  const { state: other, role: otherRole } = liveTaskOf(draft, linked_task_id);
  const record = recordOf(draft, "link", external_id);
  const present = [...known.links.values()].find((link) => isBetween(link, type, task_id, linked_task_id));
  const wanted = { type, task_id, linked_task_id };
  const same = record !== undefined && isBetween(asLink(record), type, task_id, linked_task_id);
  if (present && same) return { id: present.id, outcome: "unchanged" };
  if (same && !overwrite) return { id: record.entity_id, outcome: "unchanged", kept: ["linked_task"] };
  const right = rightOnLinked(type);
  requireAccess(role, "write");
  requireAccess(otherRole, right);
  const link: Link = present ?? { id: newId(), ...wanted, created_at: time };
  if (!present && closesRing(known.links, link)) throw new StoaError("link_cycle");
  const before = record && !same ? known.links.get(record.entity_id) : undefined;
  if (before) takeOff(draft, before);
  if (!present) {
    for (const { task: end } of [state, other]) batch.dependOnTask(end);
    for (const [end, needed] of [
      [state.task, "write"],
      [other.task, right],
    ] as const) {
      if (end.project_id !== null) batch.require(needed, end.project_id);
    }
    batch.links.set(link.id, link);
    known.links.set(link.id, link);
    say(draft, "link.created", link);
  }
  remember(draft, "link", external_id, link.id, wanted);
  return { id: link.id, outcome: record ? "updated" : "created" };
}

/** Takes off the link that the item has made before, if its task can still be changed. */
function takeOff(draft: Draft, link: Link): void {
  const { batch, known } = draft;
  const state = known.tasks.get(link.task_id);
  if (!state || state.task.deleted_at !== null) return;
  requireAccess(liveTaskOf(draft, link.task_id).role, "write");
  batch.dependOnTask(state.task);
  if (state.task.project_id !== null) batch.require("write", state.task.project_id);
  known.links.delete(link.id);
  // One that this batch was to make is never made; its events say that it came and went.
  if (!batch.links.delete(link.id)) batch.unlinked.push(link.id);
  say(draft, "link.removed", link);
}

/** Tells both tasks of it. Neither learns of the other more than its id. */
function say({ batch, known }: Draft, type: "link.created" | "link.removed", link: Link): void {
  for (const id of [link.task_id, link.linked_task_id]) {
    const state = known.tasks.get(id);
    if (!state) continue;
    const { project_id, key, title, version }: Task = state.task;
    const data = { task_id: id, project_id, key, title, version, ...dataFor({ type, link }, id) };
    batch.say(type, { ...aboutTask(state.task), keyed: !state.hasKey }, data);
  }
}

/** Whether a link is the one between two tasks; where the direction means nothing, in either direction. */
function isBetween(link: Pick<Link, "type" | "task_id" | "linked_task_id">, type: LinkType, from: string, to: string) {
  return link.type === type && pairOf(type, link.task_id, link.linked_task_id) === pairOf(type, from, to);
}

/** What a record says that its link is. */
function asLink({ values: { type, task_id, linked_task_id } }: ImportRecord) {
  return { type: type as LinkType, task_id: String(task_id), linked_task_id: String(linked_task_id) };
}

/** Whether a task would block itself by way of others. */
function closesRing(links: ReadonlyMap<string, Link>, { type, task_id, linked_task_id }: Link): boolean {
  if (type !== "blocks") return false;
  const blocks = Map.groupBy(
    [...links.values()].filter((link) => link.type === "blocks"),
    (link) => link.task_id,
  );
  const behind = new Set([linked_task_id]);
  for (const id of behind) for (const link of blocks.get(id) ?? []) behind.add(link.linked_task_id);
  return behind.has(task_id);
}

function notToItself(): StoaError {
  const errors = [{ path: "/linked_task", message: "A task is not linked to itself." }];
  return new StoaError("validation_failed", { errors });
}

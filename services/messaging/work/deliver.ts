import { type Database, jsonIn, storedJson } from "@stoa/db";
import type { EventData } from "@stoa/events";
import { DamagedEvent } from "@stoa/journal";
import type { Delivery } from "../stream/feed.ts";
import { alsoOf } from "./also.ts";
import type { WorkEventName } from "./names.ts";
import { type Reach, reachOf } from "./reach.ts";
import { type Fate, fatesOf, type WorkRow } from "./rows.ts";

/** A row with its data read. */
interface Work {
  readonly row: WorkRow;
  readonly data: EventData<WorkEventName>;
  readonly also: string | null;
  /** What became of its task since. */
  readonly fate: Fate | undefined;
}

/**
 * Finds who gets what of some events of projects: those who see the project, or the task, at this moment. Who saw it and no
 * longer does because of the event gets `access.lost`, once they can have got the event itself.
 *
 * @param users those who listen; nothing is made for others
 */
export async function resolveWork(
  db: Database,
  rows: readonly WorkRow[],
  users: ReadonlySet<string>,
): Promise<Delivery[]> {
  if (rows.length === 0 || users.size === 0) return [];
  const fates = await fatesOf(db, [...new Set(rows.flatMap(({ entity_id }) => entity_id ?? []))]);
  const works = rows.map((row): Work => {
    const data = readWork(row);
    const fate = fates.get(row.entity_id ?? "");
    return { row, data, also: alsoOf(data), fate: fate && fate.seq > row.seq ? fate : undefined };
  });
  const projects = works.flatMap(({ row, also, fate }) => [row.project_id, also, fate?.project_id]);
  const organizations = works.flatMap(({ row, also }) => (row.type === "project.updated" ? also : []));
  const reach = await reachOf(db, { projects: distinct(projects), organizations: distinct(organizations) }, users);
  return works.flatMap((work) => deliveriesOf(work, reach, users));
}

/** What a kept event says. @throws DamagedEvent */
export function readWork({ seq, type, data }: Pick<WorkRow, "seq" | "type" | "data">): EventData<WorkEventName> {
  const read = jsonIn(data)?.value;
  if (typeof read === "object" && read !== null) return read as EventData<WorkEventName>;
  throw new DamagedEvent({ service: "projects", seq, in: "copy", type }, { what: "its data is not JSON" });
}

/** The event itself, and its end for those who lose sight of something by it. */
function deliveriesOf(work: Work, reach: Reach, users: ReadonlySet<string>): Delivery[] {
  const { row, data } = work;
  const { seq, type, actor_id, time } = row;
  const receivers = receiversOf(work, reach).filter((user) => users.has(user));
  const lost = lostBy(work, reach).filter((user) => users.has(user));
  const told = receivers.length > 0 ? JSON.stringify({ ...data, actor_id, occurred_at: time }) : "";
  // Where both may come to the same person, the first ends in the middle of the row.
  const main: Delivery = {
    seq: lost.length > 0 ? seq - 0.5 : seq,
    type,
    to: new Map(receivers.map((user) => [user, told])),
  };
  const object = "task_id" in data ? { type: "task", id: data.task_id } : { type: "project", id: data.project_id };
  const gone = JSON.stringify({ object });
  const end: Delivery = { seq, type: "access.lost", to: new Map(lost.map((user) => [user, gone])) };
  return [main, end].filter(({ to }) => to.size > 0);
}

function receiversOf(work: Work, reach: Reach): readonly string[] {
  const { row } = work;
  const { project_id, aggregate_id, type } = row;
  if (type === "project.purged") return ownersOf(row);
  const candidates = project_id === null ? [aggregate_id] : [...reach.roles(project_id).keys()];
  // Everyone who saw the project hears that it went to the trash, and nothing more of it.
  if (type === "project.trashed") return candidates;
  return candidates.filter((user) => sees(work, reach, user));
}

/** Whether a user sees what an event is about: where it happened, and where its task is now. */
function sees({ row: { project_id, aggregate_id }, fate }: Work, reach: Reach, user: string): boolean {
  const inProject = (id: string | null) => (id === null ? user === aggregate_id : reach.sees(id, user));
  if (!inProject(project_id)) return false;
  if (fate === undefined) return true;
  if (fate.type === "task.purged") return false;
  if (fate.type !== "task.trashed") return inProject(fate.project_id);
  return fate.project_id === null ? user === aggregate_id : reach.writes(fate.project_id, user);
}

/** Who saw what the event is about before it, and does not any more. */
function lostBy({ row, data, also, fate }: Work, reach: Reach): readonly string[] {
  const { project_id, type } = row;
  switch (type) {
    case "project.member_removed":
      return also !== null && project_id !== null && !reach.sees(project_id, also) ? [also] : [];
    case "project.updated":
      if (also === null || project_id === null) return [];
      return reach.members(also).filter((user) => !reach.sees(project_id, user));
    case "project.trashed":
      if (project_id === null) return [];
      return [...reach.roles(project_id).keys()].filter((user) => !reach.sees(project_id, user));
    case "project.purged":
      return ownersOf(row);
    case "task.moved_project": {
      const now = fate?.project_id ?? data.project_id;
      if (also === null || now === null) return [];
      return [...reach.roles(also).keys()].filter((user) => reach.sees(also, user) && !reach.sees(now, user));
    }
    default:
      return [];
  }
}

function ownersOf({ owners }: WorkRow): readonly string[] {
  return owners === null ? [] : storedJson<string[]>(owners, "work_events.owners");
}

const distinct = (ids: readonly (string | null | undefined)[]): readonly string[] => [
  ...new Set(ids.filter((id) => typeof id === "string")),
];

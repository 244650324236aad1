import { type TObject, Type } from "@sinclair/typebox";
import { eventCatalogue } from "@stoa/events";
import { Id, Nullable, Time } from "@stoa/http";
import { type WorkEventName, workEventNames } from "./names.ts";
import { onTheWire } from "./wire.ts";

const means: Readonly<Record<WorkEventName, string>> = {
  "project.created": "A project was created.",
  "project.updated": "A project changed.",
  "project.trashed": "A project went to the trash, and its tasks with it. Its owners alone see it there.",
  "project.restored": "A project came back from the trash, and its tasks with it: read them.",
  "project.purged": "A project has gone for good, and its tasks with it. Its owners are told.",
  "project.member_added": "Someone is a member of a project from now on: the receiver, who reads it, or another user.",
  "project.member_role_changed": "A member has another role in a project.",
  "project.member_removed": "Someone is a member of a project no more.",
  "task.created": "A task was created; `changes` has the fields that it was given.",
  "task.updated": "Fields of a task changed.",
  "task.moved": "A task has another place in the order, and perhaps another status.",
  "task.assigned": "Users were assigned to a task, and others perhaps removed from it.",
  "task.unassigned": "Users are assigned to a task no more.",
  "task.completed": "A task was completed.",
  "task.reopened": "A completed task is open again.",
  "task.trashed": "A task went to the trash. Those who may change it see it there.",
  "task.restored": "A task came back from the trash: read it.",
  "task.purged": "A task has gone for good.",
  "task.moved_project":
    "A task moved to a project of the receiver's from another, or from someone's personal ones: read it if you did not see it there.",
  "task.blocked": "A task waits for another one.",
  "task.unblocked": "A task waits for no other one any more.",
  "task.due_soon": "An open task is due within a day.",
  "task.overdue": "An open task is late.",
  "worklog.recorded": "Work on a task was recorded; `changes` has its `logged_minutes`.",
  "worklog.changed": "A record of work changed.",
  "worklog.removed": "A record of work was removed.",
  "link.created": "A task was linked to another; it is told of each of the two to those who see it.",
  "link.removed": "The link of a task to another was removed.",
};

const happened = {
  actor_id: Nullable(Id({ description: "Who did it; null: the system." })),
  occurred_at: Time({ description: "When it happened." }),
};

/** An event of the stream: what its data is, and what it means. */
interface StreamEventKind {
  readonly data: TObject;
  readonly means: string;
}

/** The events of projects as streams carry them: by name their data, and what each means. */
export const workStreamEvents = Object.fromEntries(workEventNames.map((name) => [name, kindOf(name)])) as Record<
  WorkEventName,
  StreamEventKind
>;

function kindOf(name: WorkEventName): StreamEventKind {
  const { properties } = eventCatalogue.projects[name];
  return {
    data: Type.Object({ ...onTheWire(properties), ...happened }, { title: `Streamed${titleOf(name)}` }),
    means: means[name],
  };
}

/** `task.created` → `TaskCreated`. */
export function titleOf(name: string): string {
  return name.replaceAll(/(?:^|[._])(\w)/g, (_, letter: string) => letter.toUpperCase());
}

import type { Actor } from "@stoa/auth";
import { raw, type SqlPart, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import type { PeopleDeps } from "../deps.ts";
import { startFollowing } from "../follows/follow.ts";
import { followersOf, hears } from "../follows/followers.ts";
import type { WrittenMessage } from "../notifications/news-of-message.ts";
import { notify } from "../notifications/notify.ts";
import { taskThere } from "../tasks/access.ts";
import { t } from "../tasks/row.ts";

/** The task that a message is about. */
export interface Subject<V extends SqlPart = string | null> {
  readonly task_id: Exclude<V, null>;
  /** The project that it was in a moment ago; null for a personal one, and for one that is not known. */
  readonly project_id: V;
}

/**
 * Waits a moment for a task that was made just now. Whether it is there, and the message may be about it, is for the parts
 * of the command to say.
 */
export async function awaitTask({ db, readYourWrites }: PeopleDeps, task_id: string): Promise<Subject> {
  const { project_id } = t;
  const look = async () => (await db.query(select({ project_id }, sql`from ${t} where ${t.id} = ${task_id}`)))[0];
  const found = await readYourWrites.lookup(look, task_id);
  return { task_id, project_id: found?.project_id ?? null };
}

/** The parts of a command that sends a message about a task: the conversation is that of the task's project. */
export function aboutTask({ task_id, project_id }: Subject, conversation_id: string): Part[] {
  const project = sql`(select project_id from conversations where id = ${conversation_id})`;
  return [
    {
      guard: sql`${project} is not null`,
      why: () => refused("Only messages of a project's conversation are about a task."),
    },
    taskThere(task_id),
    {
      guard: sql`exists (select 1 from tasks where id = ${task_id} and project_id = ${project})`,
      why: () => refused("This task is not one of the project."),
    },
    // Whoever hears of it sees the task where it was found.
    { guard: sql`exists (select 1 from tasks where id = ${task_id} and project_id is ${project_id})` },
  ];
}

/**
 * The parts of a send that the task's followers are notified of it, and that the sender follows the task from then on. They
 * come after the parts that notify of mentions and answers, since nobody is notified twice.
 */
export function commented(actor: Actor, message: Omit<WrittenMessage, "event_id">, subject: Subject): Part[] {
  const { task_id } = subject;
  const sender = sql`select ${actor.user_id} as user_id`;
  return [
    followersHear(actor, message, subject),
    { effects: (happened) => [startFollowing(task_id, sender, message.time, happened)] },
  ];
}

/**
 * The part of a command that whoever follows a task is notified of what was said about it: those who are in the
 * conversation and have not muted it, and those who see the task by its organization alone; nobody who has blocked whose
 * words they are. It comes after the parts that notify of mentions and answers, since nobody is notified twice.
 *
 * @param actor whose words they are: the sender, or whoever asked the assistant that sent them
 */
export function followersHear(
  { cause, user_id }: Pick<Actor, "cause" | "user_id">,
  { conversation_id, time }: Omit<WrittenMessage, "event_id">,
  { task_id, project_id }: Subject<SqlPart>,
): Part {
  const to = sql`select f.user_id from (${followersOf(task_id)}) f
    where ${hears(raw("f.user_id"), conversation_id, sql`${project_id}`)}
      and not exists (select 1 from blocks b where b.user_id = f.user_id and b.blocked_id = ${user_id})`;
  const title = sql`(select title from tasks where id = ${task_id})`;
  const object = { type: "task", id: task_id, title } as const;
  return {
    effects: (happened, event_id) => [
      notify({ kind: "commented", cause, event_id, time, object, scope_id: project_id, to }, happened),
    ],
  };
}

/**
 * The part of a command that whoever its message mentions follows the task. It comes after the mentions.
 *
 * @param task_id null for a message about none; or SQL of one
 */
export function followedByMentioned(
  task_id: SqlPart,
  { message_id, time }: Pick<WrittenMessage, "message_id" | "time">,
): Part[] {
  if (task_id === null) return [];
  const mentioned = sql`select user_id from message_mentions where message_id = ${message_id}`;
  return [{ effects: (happened) => [startFollowing(task_id, mentioned, time, happened)] }];
}

function refused(message: string): StoaError {
  return new StoaError("validation_failed", { errors: [{ path: "/task_id", message }] });
}

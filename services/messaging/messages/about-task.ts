import type { Actor } from "@stoa/auth";
import { computed, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import type { PeopleDeps } from "../deps.ts";
import { startFollowing } from "../follows/follow.ts";
import { followersOf } from "../follows/followers.ts";
import { commented, type WrittenMessage } from "../notifications/news-of-message.ts";
import { these } from "../notifications/notify.ts";
import { noSuchTask } from "../tasks/access.ts";
import { t } from "../tasks/row.ts";

/** A message about a task. */
interface AboutTask {
  readonly actor: Actor;
  readonly conversation_id: string;
  readonly task_id: string;
  readonly time: string;
}

/**
 * Waits a moment for a task that was made just now, and reads who follows it and is in the conversation, which they have
 * not muted. Whether the task is there, and the message may be about it, is for the parts of the command to say.
 *
 * @returns the ids of the followers, without the user's own
 */
export async function awaitTask(
  { db, readYourWrites }: PeopleDeps,
  actor: Actor,
  conversation_id: string,
  task_id: string,
): Promise<readonly string[]> {
  const followers = sql`(select json_group_array(f.user_id) from (${followersOf(task_id)}) f
    join participants p on p.user_id = f.user_id and p.conversation_id = ${conversation_id}
    where f.user_id <> ${actor.user_id} and p.left_at is null and p.muted = 0)`;
  const look = async () => {
    const known = select({ followers: computed<string>(followers) }, sql`from ${t} where ${t.id} = ${task_id}`);
    return (await db.query(known))[0];
  };
  const found = await readYourWrites.lookup(look, task_id);
  return found ? (JSON.parse(found.followers) as string[]) : [];
}

/**
 * The parts of a command that sends a message about a task: the conversation is that of the task's project. The sender
 * follows the task from then on.
 */
export function aboutTask({ actor, conversation_id, task_id, time }: AboutTask): Part[] {
  const project = sql`(select project_id from conversations where id = ${conversation_id})`;
  const isThere = sql`exists (select 1 from tasks where id = ${task_id} and trashed_at is null)`;
  return [
    {
      guard: sql`${project} is not null`,
      why: () => refused("Only messages of a project's conversation are about a task."),
    },
    { guard: isThere, why: noSuchTask },
    {
      guard: sql`exists (select 1 from tasks where id = ${task_id} and project_id = ${project})`,
      why: () => refused("This task is not one of the project."),
      effects: (happened) => [startFollowing(task_id, sql`select ${actor.user_id} as user_id`, time, happened)],
    },
  ];
}

/**
 * The parts of a command that sends a message about a task: those whom it mentions follow the task from then on, and those who
 * followed it before are notified. They come after the parts of mentions and answers.
 *
 * @param followers the ids of those who followed it, as `awaitTask` read them
 */
export function toldFollowers(
  message: Omit<WrittenMessage, "event_id">,
  task_id: string | null,
  followers: readonly string[],
): Part[] {
  if (task_id === null) return [];
  const { message_id, time } = message;
  const mentioned = sql`select user_id from message_mentions where message_id = ${message_id}`;
  const title = sql`(select title from tasks where id = ${task_id})`;
  return [
    { effects: (happened) => [startFollowing(task_id, mentioned, time, happened)] },
    ...(followers.length === 0 ? [] : commented(message, { id: task_id, title, followers: these(followers) })),
  ];
}

function refused(message: string): StoaError {
  return new StoaError("validation_failed", { errors: [{ path: "/task_id", message }] });
}

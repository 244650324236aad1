import { insertRow, type Sql, select, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { command, type Part, type StoreDeps } from "@stoa/journal";
import { directKey } from "../conversations/open-direct.ts";
import { conversations } from "../conversations/table.ts";
import { GROUP_SIZE } from "../participants/group-size.ts";
import { insertParticipant } from "../participants/insert.ts";

/** A conversation to import. */
export interface ImportedConversation {
  /** The id that a new one gets; a direct conversation that is there keeps its own. */
  readonly id: string;
  readonly type: "direct" | "group";
  readonly title: string | null;
  /** Those who are in it, the owner of a group first. */
  readonly members: readonly string[];
  /** When it began. */
  readonly time: string;
}

/**
 * Makes a conversation, unless it is there: then it stays as it is, with whoever is in it by now.
 *
 * @returns its id, and whether it was made; undefined when it lies in the trash
 */
export async function makeConversation(
  { db }: StoreDeps,
  cause: Cause,
  { id, type, title, members, time }: ImportedConversation,
): Promise<{ readonly id: string; readonly made: boolean } | undefined> {
  const [one = "", other = ""] = members;
  const direct_key = type === "direct" ? directKey(one, other) : null;
  const which = direct_key === null ? sql`id = ${id}` : sql`direct_key = ${direct_key}`;
  const made: Part = {
    guard: sql`not exists (select 1 from conversations where ${which})`,
    effects: (happened) => [
      insertRow(conversations, { id, type, title, direct_key, created_at: time, updated_at: time }, happened),
      ...participants(id, type, members.slice(0, GROUP_SIZE), time, happened),
    ],
  };
  const { id: known, trashed_at } = conversations;
  const rows = await command(
    db,
    cause,
    {
      type: "conversation.created",
      aggregate_id: id,
      time,
      data: { conversation_id: id, kind: type, project_id: null, participant_ids: members.slice(0, GROUP_SIZE) },
    },
    [made],
    select({ known, trashed_at }, sql`from ${conversations} where ${which}`),
  );
  if (rows) return { id, made: true };
  const [present] = await db.query(select({ known, trashed_at }, sql`from ${conversations} where ${which}`));
  return present && present.trashed_at === null ? { id: present.known, made: false } : undefined;
}

function participants(
  id: string,
  type: ImportedConversation["type"],
  members: readonly string[],
  time: string,
  happened: Sql,
): Sql[] {
  return members.map((user_id, index) =>
    insertParticipant(id, user_id, type === "group" && index === 0 ? "owner" : "member", time, happened),
  );
}

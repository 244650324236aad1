import { type Handler, on } from "@stoa/bus/types";
import { all, derivedId, insertRow, type Sql, sql } from "@stoa/db";
import type { Envelope } from "@stoa/events";
import { append } from "@stoa/journal";
import { causeOf } from "../cause-of.ts";
import { insertParticipant } from "../participants/insert.ts";
import { conversationOf } from "./of-project.ts";
import { conversations } from "./table.ts";
import { updateConversation } from "./update.ts";

/** A project's events make, rename, trash and purge its conversation, and add and remove its participants. */
export const projectConversationHandlers: readonly Handler[] = [
  on("reaction", "project.created", (event) => {
    const { project_id, name, owner_id } = event.data;
    const id = conversationOf(project_id);
    const created = append(
      causeOf(event),
      {
        event_id: derivedId(event.id, "conversation.created"),
        type: "conversation.created",
        aggregate_id: id,
        time: event.time,
        data: { conversation_id: id, kind: "project", project_id, participant_ids: [owner_id] },
      },
      sql`not exists (select 1 from conversations where id = ${id})`,
    );
    const { time } = event;
    return [
      created.statement,
      insertRow(
        conversations,
        { id, type: "project", title: name, project_id, created_at: time, updated_at: time },
        created.happened,
      ),
      insertParticipant(id, owner_id, "member", time, created.happened),
    ];
  }),

  on("reaction", "project.updated", (event) => {
    const { project_id, name } = event.data;
    const id = conversationOf(project_id);
    const updated = append(
      causeOf(event),
      {
        event_id: derivedId(event.id, "conversation.updated"),
        type: "conversation.updated",
        aggregate_id: id,
        time: event.time,
        data: { conversation_id: id, title: name },
      },
      sql`exists (select 1 from conversations where id = ${id} and title <> ${name})`,
    );
    return [updated.statement, updateConversation(id, event.time, { title: name }, updated.happened)];
  }),

  on("reaction", "project.member_added", (event) => {
    const { project_id, user_id } = event.data;
    const id = conversationOf(project_id);
    const guard = sql`exists (select 1 from conversations where id = ${id}) and not ${isParticipant(id, user_id)}`;
    const added = participantEvent(event, "conversation.participant_added", id, user_id, guard);
    return [
      added.statement,
      insertParticipant(id, user_id, "member", event.time, added.happened),
      updateConversation(id, event.time, {}, added.happened),
    ];
  }),

  on("reaction", "project.member_removed", (event) => {
    const { project_id, user_id } = event.data;
    const id = conversationOf(project_id);
    const removed = participantEvent(
      event,
      "conversation.participant_removed",
      id,
      user_id,
      isParticipant(id, user_id),
    );
    return [
      removed.statement,
      sql`delete from participants where conversation_id = ${id} and user_id = ${user_id} and ${removed.happened}`,
      updateConversation(id, event.time, {}, removed.happened),
    ];
  }),

  on("reaction", "project.trashed", (event) => inTrash(event, "conversation.trashed", event.time)),
  on("reaction", "project.restored", (event) => inTrash(event, "conversation.restored", null)),
  on("reaction", "project.purged", (event) => {
    const id = conversationOf(event.data.project_id);
    const { time } = event;
    const purged = append(
      causeOf(event),
      {
        event_id: derivedId(event.id, "conversation.purged"),
        type: "conversation.purged",
        aggregate_id: id,
        time,
        data: { conversation_id: id },
      },
      sql`exists (select 1 from conversations where id = ${id} and purged_at is null)`,
    );
    // What was said there goes in small writes: see `purge.ts`.
    return [
      purged.statement,
      sql`update conversations set purged_at = ${time}, trashed_at = coalesce(trashed_at, ${time})
        where id = ${id} and ${purged.happened}`,
    ];
  }),
];

function isParticipant(conversation_id: string, user_id: string): Sql {
  return sql`exists (select 1 from participants where conversation_id = ${conversation_id} and user_id = ${user_id})`;
}

function participantEvent(
  event: Envelope,
  type: "conversation.participant_added" | "conversation.participant_removed",
  conversation_id: string,
  user_id: string,
  guard: Sql,
) {
  return append(
    causeOf(event),
    {
      event_id: derivedId(event.id, type),
      type,
      aggregate_id: conversation_id,
      entity_id: user_id,
      time: event.time,
      data: { conversation_id, user_id },
    },
    guard,
  );
}

function inTrash(
  event: Envelope<"project.trashed" | "project.restored">,
  type: "conversation.trashed" | "conversation.restored",
  trashed_at: string | null,
): Sql[] {
  const id = conversationOf(event.data.project_id);
  const changes = trashed_at === null ? sql`trashed_at is not null` : sql`trashed_at is null`;
  const done = append(
    causeOf(event),
    {
      event_id: derivedId(event.id, type),
      type,
      aggregate_id: id,
      time: event.time,
      data: { conversation_id: id },
    },
    sql`exists (select 1 from conversations where ${all([sql`id = ${id}`, changes])})`,
  );
  return [done.statement, updateConversation(id, event.time, { trashed_at }, done.happened)];
}

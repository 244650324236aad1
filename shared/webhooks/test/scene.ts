import { type SecretBox, secretBox } from "@stoa/auth/secret-box";
import { type Database, insertRow, newId, sql } from "@stoa/db";
import { type EventData, system } from "@stoa/events";
import { append, commit, guardTable, journal, journalIdentity, journalTriggers } from "@stoa/journal";
import { temporaryDatabase } from "@stoa/testing";
import type { DelivererDeps } from "../attempt.ts";
import type { Answer } from "../outcome.ts";
import { newSecret } from "../secret.ts";
import { webhookCursor, webhookDeliveries, webhooks } from "../table.ts";

/** A journal with webhooks on it, a clock that tests move, and receivers that answer what they are told to. */
export async function startScene(receive: (url: string) => Answer | Promise<Answer> = () => ({ status: 204 })) {
  const stored = await temporaryDatabase({
    tables: {
      journal,
      journalIdentity,
      guard: guardTable(["known_event"]),
      webhooks,
      webhookDeliveries,
      webhookCursor,
    },
    sql: [journalTriggers],
  });
  const { db } = stored;
  let clock = Date.parse("2026-11-20T09:00:00.000Z");
  const sent: { url: string; headers: Record<string, string>; body: string }[] = [];
  const box: SecretBox = secretBox(["the secret key"], "webhook-secret-encryption", "the secret of a webhook");
  const deps: DelivererDeps = {
    db,
    now: () => new Date(clock),
    service: "projects",
    box,
    post: async ({ url, headers, body }) => {
      sent.push({ url, headers: { ...headers }, body });
      return receive(url);
    },
    disabled: ({ id, scope_id }, time) => ({
      type: "webhook.disabled",
      aggregate_id: scope_id,
      entity_id: id,
      time,
      data: { webhook_id: id, scope_id },
    }),
  };

  /** Something happens in a scope: an event of the journal. */
  async function happen(scope_id: string, type: "project.trashed" | "project.restored" = "project.trashed") {
    const data: EventData<typeof type> = { project_id: scope_id, name: "Apollo", version: 2 };
    const event = append(system, {
      type,
      aggregate_id: scope_id,
      entity_id: scope_id,
      time: deps.now().toISOString(),
      data,
    });
    await commit(db, event, []);
    return event.event_id;
  }

  /** A webhook on a scope, from now on. */
  async function hook(scope_id: string, url: string, events: readonly string[] = ["project.trashed"]) {
    const [id, secret] = [newId(), newSecret()];
    await db.write([
      insertRow(webhooks, {
        id,
        scope_id,
        url,
        events: JSON.stringify(events),
        secret: await box.seal(id, secret),
        since_seq: sql`(select coalesce(max(seq), 0) from journal)`,
        creator_id: "ada",
        created_at: deps.now().toISOString(),
      }),
    ]);
    return { id, secret };
  }

  return {
    db,
    deps,
    sent,
    happen,
    hook,
    /** Lets time pass; milliseconds. */
    pass: (ms: number) => {
      clock += ms;
    },
    deliveries: () => deliveriesOf(db),
    [Symbol.asyncDispose]: () => stored.dispose(),
  };
}

function deliveriesOf(db: Database) {
  return db.query(
    sql`select webhook_id, event_id, status, attempts, next_at, response_status from webhook_deliveries order by id`,
  );
}

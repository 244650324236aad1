import type { SecretBox } from "@stoa/auth/secret-box";
import { type Database, select, sql, updateRows } from "@stoa/db";
import { type ServiceName, system } from "@stoa/events";
import { command, journal, type NewEvent, type Part } from "@stoa/journal";
import { giveUp } from "./give-up.ts";
import { type Answer, outcomeOf } from "./outcome.ts";
import { payloadOf } from "./payload.ts";
import { signatureHeaders } from "./sign.ts";
import { webhookDeliveries, webhooks } from "./table.ts";

/** A request to a receiver. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** What a deliverer works with. */
export interface DelivererDeps {
  readonly db: Database;
  readonly now: () => Date;
  /** The service whose events these are. */
  readonly service: ServiceName;
  readonly box: SecretBox;
  /** Sends a request and reads no more of the answer than status and `Retry-After`; no status when none came. */
  readonly post: (request: Post) => Promise<Answer>;
  /** The event that a webhook was switched off because its receiver is gone. */
  readonly disabled: (
    webhook: { readonly id: string; readonly scope_id: string },
    time: string,
  ) => NewEvent<"webhook.disabled">;
}

/** A delivery that this process alone may try, until the lease ends. */
export interface Claimed {
  readonly id: string;
  readonly webhook_id: string;
  readonly event_id: string;
  readonly attempts: number;
  /** The `next_at` that this process gave it. */
  readonly lease: string;
}

/** Of a webhook, what decides over what becomes of it. */
interface Receiver {
  readonly id: string;
  readonly scope_id: string;
  readonly url: string;
}

/** Tries a delivery once and writes what became of it, unless the lease was lost meanwhile. */
export async function attempt(deps: DelivererDeps, claimed: Claimed, signal: AbortSignal): Promise<void> {
  const { db, now, service, post } = deps;
  const { event_id, webhook_id } = claimed;
  const [hook] = await db.query(
    select(
      { id: webhooks.id, scope_id: webhooks.scope_id, url: webhooks.url, secret: webhooks.secret },
      sql`from ${webhooks} where id = ${webhook_id} and is_active = 1`,
    ),
  );
  const { seq, type, aggregate_id, actor_id, time, data, event_id: said } = journal;
  const [event] = await db.query(
    select(
      { seq, event_id: said, type, aggregate_id, actor_id, time, data },
      sql`from ${journal} where event_id = ${event_id}`,
    ),
  );
  // It was deleted, or switched off, and its deliveries with it.
  if (!hook || !event) return;
  const body = await written(deps, claimed, hook, () => payloadOf(service, event));
  const sent = { id: event_id, timestamp: Math.floor(now().getTime() / 1_000), body };
  const secret = await written(deps, claimed, hook, async () => (await deps.box.open(hook.id, hook.secret)).text);
  const headers = {
    "content-type": "application/json",
    "user-agent": "Stoa-Webhooks/1.0",
    ...(await signatureHeaders(secret, sent)),
  };
  const begun = performance.now();
  const answer = await post({ url: hook.url, headers, body, signal });
  // A process that ends has not heard the answer: the lease ends, and another tries again.
  if (signal.aborted) return;
  await write(deps, claimed, hook, answer, Math.round(performance.now() - begun));
}

/** What is sent. A secret that no present `SECRET_KEY` opens, or an event that cannot be read, is written as a failed attempt. */
async function written(
  deps: DelivererDeps,
  claimed: Claimed,
  hook: Receiver,
  make: () => string | Promise<string>,
): Promise<string> {
  try {
    return await make();
  } catch (error) {
    await write(deps, claimed, hook, { status: null }, 0);
    throw error;
  }
}

async function write(
  { db, now, disabled }: DelivererDeps,
  { id, attempts: before, lease }: Claimed,
  hook: Receiver,
  answer: Answer,
  duration_ms: number,
): Promise<void> {
  const attempts = before + 1;
  const moment = now();
  const outcome = outcomeOf(answer, attempts, moment);
  const ended = outcome.kind === "delivered" ? "delivered" : "failed";
  const set = {
    status: outcome.kind === "retry" ? ("pending" as const) : ended,
    attempts,
    next_at: outcome.kind === "retry" ? outcome.at.toISOString() : null,
    response_status: answer.status,
    duration_ms,
    attempted_at: moment.toISOString(),
  } as const;
  await db.write([updateRows(webhookDeliveries, set, sql`id = ${id} and next_at = ${lease}`)]);
  if (outcome.kind !== "gone") return;
  // One that goes elsewhere by now has another receiver.
  const off: Part = {
    guard: sql`exists (select 1 from webhooks where id = ${hook.id} and is_active = 1 and url = ${hook.url})`,
    effects: (happened) => [
      sql`update webhooks set is_active = 0 where id = ${hook.id} and ${happened}`,
      giveUp(hook.id, happened),
    ],
  };
  await command(db, system, disabled(hook, moment.toISOString()), [off]);
}

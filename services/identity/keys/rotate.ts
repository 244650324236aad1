import { insertRow, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Cause, system } from "@stoa/events";
import { append, commit, retrying } from "@stoa/journal";
import { activated, type KeyDeps, newKey, published, stands } from "./new-key.ts";
import { openKey } from "./open-key.ts";
import { type SigningKeyRow, signingKeys } from "./table.ts";

/**
 * How long a key is published before it signs: the five minutes for which verifiers keep the set, and one for
 * clocks that differ and answers on their way.
 */
export const RIPE_MS = 6 * 60_000;

/** How long a key signs before the service replaces it. */
export const ROTATE_DAYS = 90;

/**
 * How long a key that was replaced stays published after the last token that it signed has ended: a process may not
 * know for a minute that it was replaced, and clocks differ.
 */
const LEEWAY_MS = 5 * 60_000;

const DAY_MS = 86_400_000;

/** The key that signs and the one that will. */
interface Pair {
  readonly active: SigningKeyRow;
  readonly next: SigningKeyRow;
}

/**
 * Lets the published next key sign, and publishes a new next one. The key that signed so far stays published until
 * its last token has ended, without its private half: it signs nothing any more.
 *
 * @returns the kid that signs now
 * @throws StoaError `next_key_too_new`, with `Retry-After`: verifiers might not know the next key yet
 */
export function rotateKeys(deps: KeyDeps, cause: Cause): Promise<string> {
  return retrying(async () => {
    const pair = await readPair(deps);
    requireRipe(pair, deps.now());
    return (await rotate(deps, cause, pair)) ? pair.next.kid : undefined;
  });
}

/**
 * Rotates when the active key has signed for 90 days. Several processes may ask at once: one does it.
 *
 * @returns whether this one did
 */
export async function rotateWhenDue(deps: KeyDeps): Promise<boolean> {
  const pair = await readPair(deps);
  const now = deps.now().getTime();
  const due = Date.parse(pair.active.activated_at ?? pair.active.created_at) + ROTATE_DAYS * DAY_MS;
  if (now < due || now < ripeAt(pair)) return false;
  return rotate(deps, system, pair);
}

/** Forgets keys that verify nothing any more, and the withdrawn after 90 days. */
export async function forgetKeys({ db, now }: Pick<KeyDeps, "db" | "now">): Promise<void> {
  const time = now();
  const before = new Date(time.getTime() - ROTATE_DAYS * DAY_MS).toISOString();
  await db.write([
    sql`delete from signing_keys where (status = 'retiring' and expires_at <= ${time.toISOString()})
      or (status = 'revoked' and expires_at <= ${before})`,
  ]);
}

/** False when another process changed the keys first. */
async function rotate(deps: KeyDeps, cause: Cause, { active, next }: Pair): Promise<boolean> {
  // One that cannot sign must not become the one that has to.
  await openKey(deps, next);
  const fresh = await newKey(deps, "next");
  const time = fresh.created_at;
  const expires_at = new Date(Date.parse(time) + deps.access_token_seconds * 1_000 + LEEWAY_MS).toISOString();
  const event = activated(cause, next.kid, time, sql`${stands(active.kid, "active")} and ${stands(next.kid, "next")}`);
  const retired = append(
    cause,
    { type: "key.retired", aggregate_id: active.kid, time, data: { kid: active.kid, expires_at } },
    event.happened,
  );
  const { applied } = await commit(deps.db, event, [
    retired.statement,
    published(cause, fresh, event.happened).statement,
    sql`update signing_keys set status = 'retiring', private_key = '', expires_at = ${expires_at}
      where kid = ${active.kid} and ${event.happened}`,
    activation(next.kid, time, event.happened),
    insertRow(signingKeys, fresh, event.happened),
  ]);
  return applied;
}

/** The next key becomes the active one. */
export function activation(kid: string, time: string, happened: ReturnType<typeof stands>) {
  return sql`update signing_keys set status = 'active', activated_at = ${time} where kid = ${kid} and ${happened}`;
}

/** @throws Error when one is missing: the first start makes both, and no command leaves one out */
export async function readPair({ db }: Pick<KeyDeps, "db">): Promise<Pair> {
  const rows = await db.query<SigningKeyRow>(sql`select * from signing_keys where status in ('active', 'next')`);
  const active = rows.find(({ status }) => status === "active");
  const next = rows.find(({ status }) => status === "next");
  if (!active || !next) throw new Error("There is no active or no next signing key.");
  return { active, next };
}

/** When every verifier knows the next key. The first two were published together: whoever knows one knows both. */
function ripeAt({ active, next }: Pair): number {
  const published = Date.parse(next.created_at);
  return next.created_at === active.created_at ? published : published + RIPE_MS;
}

function requireRipe(pair: Pair, now: Date): void {
  const left = ripeAt(pair) - now.getTime();
  if (left <= 0) return;
  throw new StoaError("next_key_too_new", { headers: { "retry-after": String(Math.ceil(left / 1_000)) } });
}

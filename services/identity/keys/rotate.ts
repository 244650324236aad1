import { insertRow, type Sql, sql, updateRows } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Cause, system } from "@stoa/events";
import { append, command, type Part, retrying } from "@stoa/journal";
import { activated, hasStatus, type KeyDeps, makeKey, published, signingKeysTurn } from "./make.ts";
import { openKey } from "./open.ts";
import { type KeyPair, readPair } from "./read.ts";
import { signingKeys } from "./table.ts";

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

/**
 * Lets the published next key sign, and publishes a new next one. The key that signed so far stays published until
 * its last token has ended, without its private half: it signs nothing any more.
 *
 * @returns the kid that signs now
 * @throws StoaError `next_key_too_new`, with `Retry-After`: verifiers might not know the next key yet
 */
export function rotateKeys(deps: KeyDeps, cause: Cause): Promise<string> {
  return retrying(deps.db, signingKeysTurn, async () => {
    const pair = await readPair(deps.db);
    requireRipe(pair, deps.now());
    return (await rotate(deps, cause, pair)) ? pair.next.kid : undefined;
  });
}

/**
 * Rotates when the active key has signed for 90 days. Of several processes that try at once, one does it.
 *
 * @returns whether this one did
 */
export async function rotateWhenDue(deps: KeyDeps): Promise<boolean> {
  const pair = await readPair(deps.db);
  const now = deps.now().getTime();
  const due = Date.parse(pair.active.activated_at ?? pair.active.created_at) + ROTATE_DAYS * DAY_MS;
  if (now < due || now < ripeAt(pair)) return false;
  return rotate(deps, system, pair);
}

/** Deletes keys that verify nothing any more, and withdrawn ones after 90 days. */
export async function forgetKeys({ db, now }: Pick<KeyDeps, "db" | "now">): Promise<void> {
  const time = now();
  const before = new Date(time.getTime() - ROTATE_DAYS * DAY_MS).toISOString();
  await db.write([
    sql`delete from signing_keys where (status = 'retiring' and expires_at <= ${time.toISOString()})
      or (status = 'revoked' and expires_at <= ${before})`,
  ]);
}

/** False when another process changed the keys first. */
async function rotate(deps: KeyDeps, cause: Cause, { active, next }: KeyPair): Promise<boolean> {
  // A key that cannot sign must not become the one that has to.
  await openKey(deps, next);
  const fresh = await makeKey(deps, "next");
  const time = fresh.created_at;
  const { kid } = active;
  const expires_at = new Date(Date.parse(time) + deps.access_token_seconds * 1_000 + LEEWAY_MS).toISOString();
  const retire = { status: "retiring", private_key: "", expires_at } as const;
  const retired = { type: "key.retired", aggregate_id: kid, time, data: { kid, expires_at } } as const;
  const rotated: Part = {
    effects: (happened) => [
      append(cause, retired, happened).statement,
      append(cause, published(fresh), happened).statement,
      updateRows(signingKeys, retire, sql`kid = ${kid} and ${happened}`),
      activation(next.kid, time, happened),
      insertRow(signingKeys, fresh, happened),
    ],
  };
  const parts = [hasStatus(kid, "active"), hasStatus(next.kid, "next"), rotated];
  return (await command(deps.db, cause, activated(next.kid, time), parts)) !== undefined;
}

/** The next key becomes the active one. */
export function activation(kid: string, time: string, happened: Sql): Sql {
  return updateRows(signingKeys, { status: "active", activated_at: time }, sql`kid = ${kid} and ${happened}`);
}

/**
 * When every verifier knows the next key. The first two were published together: a verifier that knows one knows both.
 */
function ripeAt({ active, next }: KeyPair): number {
  const published = Date.parse(next.created_at);
  return next.created_at === active.created_at ? published : published + RIPE_MS;
}

function requireRipe(pair: KeyPair, now: Date): void {
  const left = ripeAt(pair) - now.getTime();
  if (left <= 0) return;
  throw new StoaError("next_key_too_new", { headers: { "retry-after": String(Math.ceil(left / 1_000)) } });
}

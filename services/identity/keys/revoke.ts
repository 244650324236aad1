import type { RevocationEvent } from "@stoa/auth";
import { insertRow, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { append, commit, retrying } from "@stoa/journal";
import { announce, whatHappened } from "../announce.ts";
import { activated, type KeyDeps, newKey, published, stands } from "./new-key.ts";
import { openKey } from "./open-key.ts";
import { activation, readPair } from "./rotate.ts";
import { type SigningKeyRow, signingKeys } from "./table.ts";

/** Who is told at once that a key was withdrawn. */
export interface RevokeDeps extends KeyDeps {
  readonly revoke: (event: RevocationEvent) => void;
}

/**
 * The emergency: withdraws a key at once. No token that it signed is taken anywhere any more; sessions go on, their
 * refresh tokens give new ones. After the active key the next one signs at once, however new, and a new next one is
 * published; so it is after the next key. Again changes nothing.
 *
 * @throws StoaError `not_found`
 * @throws Error when the active key is withdrawn and the next one does not open: withdraw that one first
 */
export function revokeKey(deps: RevokeDeps, cause: Cause, kid: string): Promise<SigningKeyRow> {
  return retrying(async () => {
    const row = await readKey(deps, kid);
    if (row.status === "revoked") return row;
    const rows = await withdraw(deps, cause, row);
    if (!rows) return undefined;
    announce(deps, rows);
    return readKey(deps, kid);
  });
}

/** Undefined when another process changed the keys first. */
async function withdraw(deps: KeyDeps, cause: Cause, { kid, status }: SigningKeyRow) {
  const time = deps.now().toISOString();
  const event = append(cause, { type: "key.revoked", aggregate_id: kid, time, data: { kid } }, stands(kid, status));
  const { before, after } = await succession(deps, cause, status, time, event.happened);
  const revoked = sql`update signing_keys set status = 'revoked', private_key = '', expires_at = ${time}
    where kid = ${kid} and ${event.happened}`;
  const { applied, rows } = await commit(deps.db, event, [...before, revoked, ...after], whatHappened(event));
  return applied ? rows : undefined;
}

/** What takes the place of a key that goes: events before, rows after it is out of the way. */
async function succession(
  deps: KeyDeps,
  cause: Cause,
  status: SigningKeyRow["status"],
  time: string,
  happened: ReturnType<typeof stands>,
) {
  if (status === "retiring") return { before: [], after: [] };
  const fresh = await newKey(deps, "next");
  const publish = published(cause, fresh, happened).statement;
  const insert = insertRow(signingKeys, fresh, happened);
  if (status === "next") return { before: [publish], after: [insert] };
  const { next } = await readPair(deps);
  await openKey(deps, next);
  return {
    before: [activated(cause, next.kid, time, happened).statement, publish],
    after: [activation(next.kid, time, happened), insert],
  };
}

async function readKey({ db }: Pick<KeyDeps, "db">, kid: string): Promise<SigningKeyRow> {
  const [row] = await db.query<SigningKeyRow>(sql`select * from signing_keys where kid = ${kid}`);
  if (!row) throw new StoaError("not_found");
  return row;
}

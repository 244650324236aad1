import type { RevocationEvent } from "@stoa/auth";
import { insertRow, newId, type Sql, sql, updateRows } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { append, command, type Part, retrying } from "@stoa/journal";
import { announce, whatHappened } from "../announce.ts";
import { activated, hasStatus, type KeyDeps, makeKey, published, signingKeysTurn } from "./make.ts";
import { openKey } from "./open.ts";
import { readKey, readPair } from "./read.ts";
import { activation } from "./rotate.ts";
import type { KeyStatus } from "./schema.ts";
import { type SigningKeyRow, signingKeys } from "./table.ts";

/** Deps of a process that must refuse a withdrawn key at once. */
export interface RevokeDeps extends KeyDeps {
  readonly revoke: (event: RevocationEvent) => void;
}

/**
 * The emergency: withdraws a key at once. No token that it signed is accepted anywhere any more; sessions go on, since
 * their refresh tokens give new ones. When the active key is withdrawn, the next one signs at once, however new, and a
 * new next one is published; a withdrawn next key is replaced too. A key that is withdrawn already stays as it is.
 *
 * @throws StoaError `not_found`
 * @throws Error when the active key is withdrawn and the next one does not open: withdraw that one first
 */
export function revokeKey(deps: RevokeDeps, cause: Cause, kid: string): Promise<SigningKeyRow> {
  return retrying(deps.db, signingKeysTurn, async () => {
    const row = await readKey(deps.db, kid);
    if (row.status === "revoked") return row;
    const time = deps.now().toISOString();
    const { stillFollows = {}, before, after } = await succession(deps, cause, row.status, time);
    const set = { status: "revoked", private_key: "", expires_at: time } as const;
    const withdrawn: Part = {
      effects: (happened) => [
        ...before(happened),
        updateRows(signingKeys, set, sql`kid = ${kid} and ${happened}`),
        ...after(happened),
      ],
    };
    const event = { event_id: newId(), type: "key.revoked", aggregate_id: kid, time, data: { kid } } as const;
    const rows = await command(
      deps.db,
      cause,
      event,
      [hasStatus(kid, row.status), stillFollows, withdrawn],
      whatHappened(event),
    );
    if (!rows) return undefined;
    announce(deps, rows);
    return readKey(deps.db, kid);
  });
}

type Effects = (happened: Sql) => readonly Sql[];

/**
 * What replaces a key that is withdrawn: the part that the next one still follows, events before the key's row changes, and
 * rows after its status is free.
 */
async function succession(
  deps: KeyDeps,
  cause: Cause,
  status: KeyStatus,
  time: string,
): Promise<{ stillFollows?: Part; before: Effects; after: Effects }> {
  if (status === "retiring") return { before: () => [], after: () => [] };
  const fresh = await makeKey(deps, "next");
  const publish = (happened: Sql) => append(cause, published(fresh), happened).statement;
  const insert = (happened: Sql) => insertRow(signingKeys, fresh, happened);
  if (status === "next") return { before: (happened) => [publish(happened)], after: (happened) => [insert(happened)] };
  const { next } = await readPair(deps.db);
  await openKey(deps, next);
  return {
    // It may have been withdrawn itself meanwhile.
    stillFollows: hasStatus(next.kid, "next"),
    before: (happened) => [append(cause, activated(next.kid, time), happened).statement, publish(happened)],
    after: (happened) => [activation(next.kid, time, happened), insert(happened)],
  };
}

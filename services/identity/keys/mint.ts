import { insertRow, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { commit } from "@stoa/journal";
import { activated, type KeyDeps, newKey, published } from "./new-key.ts";
import { signingKeys } from "./table.ts";

/**
 * Makes the first keys, one that signs and one that is published to sign next, if there is none. Of several
 * processes that start at once one gets through: the guard refuses the others.
 */
export async function mintFirstKeys(deps: KeyDeps): Promise<void> {
  const active = await newKey(deps, "active");
  // Published in one write with the active one, and known by that: it may sign at once (`rotateKeys`).
  const next = { ...(await newKey(deps, "next")), created_at: active.created_at };
  const none = sql`not exists (select 1 from signing_keys where status = 'active')`;
  const first = published(system, active, none);
  await commit(deps.db, first, [
    activated(system, active.kid, active.created_at, first.happened).statement,
    published(system, next, first.happened).statement,
    insertRow(signingKeys, active, first.happened),
    insertRow(signingKeys, next, first.happened),
  ]);
}

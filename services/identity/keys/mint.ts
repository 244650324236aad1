import { insertRow, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { append, command, type Part } from "@stoa/journal";
import { activated, type KeyDeps, makeKey, published } from "./make.ts";
import { signingKeys } from "./table.ts";

/**
 * Makes the first keys, one that signs and one that is published to sign next, if there is none. Of several
 * processes that start at once one gets through: the guard refuses the others.
 */
export async function mintFirstKeys(deps: KeyDeps): Promise<void> {
  const active = await makeKey(deps, "active");
  // Published in one write with the active one, which its time shows: it may sign at once (`rotateKeys`).
  const next = { ...(await makeKey(deps, "next")), created_at: active.created_at };
  const minted: Part = {
    guard: sql`not exists (select 1 from signing_keys where status = 'active')`,
    effects: (happened) => [
      append(system, activated(active.kid, active.created_at), happened).statement,
      append(system, published(next), happened).statement,
      insertRow(signingKeys, active, happened),
      insertRow(signingKeys, next, happened),
    ],
  };
  await command(deps.db, system, published(active), [minted]);
}

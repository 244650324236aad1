import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { among, type Database, select, sql } from "@stoa/db";
import { mails } from "./table.ts";

/** Deletes the files of mails that are no longer in the table. */
export interface OutboxSweeper {
  /** The next turn sweeps, because a user was erased. */
  soon(): void;
  /** Sweeps when it was asked to, when an hour has passed, and the first time. */
  readonly turn: () => Promise<void>;
}

/** How often the outbox is swept without an erasure, for mails that ended more than 30 days ago; milliseconds. */
const EVERY_MS = 3_600_000;

/** Mails that one query looks for. */
const AT_ONCE = 200;

/** Keeps an outbox to the mails that are in the table. Files that are no mails stay, and so do those with another prefix. */
export function outboxSweeper(folder: string, db: Database, now: () => Date, prefix = ""): OutboxSweeper {
  let due = 0;
  return {
    soon: () => {
      due = 0;
    },
    turn: async () => {
      const time = now().getTime();
      if (time < due) return;
      due = time + EVERY_MS;
      try {
        await sweep(folder, db, prefix);
      } catch (error) {
        due = 0;
        throw error;
      }
    },
  };
}

async function sweep(folder: string, db: Database, prefix: string): Promise<void> {
  const idOf = (name: string) => name.slice(prefix.length, prefix.length + 36);
  const names = (await filesIn(folder)).filter(
    (name) => name.startsWith(prefix) && /^[\da-f-]{36}\.eml(\.new)?$/.test(name.slice(prefix.length)),
  );
  for (let start = 0; start < names.length; start += AT_ONCE) {
    const some = names.slice(start, start + AT_ONCE);
    const rows = await db.query(select({ id: mails.id }, sql`from ${mails} where id in ${among(some.map(idOf))}`));
    const known = new Set(rows.map(({ id }) => id));
    for (const name of some) if (!known.has(idOf(name))) await rm(join(folder, name), { force: true });
  }
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

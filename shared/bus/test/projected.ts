import { type Database, sql } from "@stoa/db";
import { eventually } from "@stoa/testing";
import { inProcess } from "../in-process.ts";
import { startProjector } from "../projector.ts";
import type { Handler } from "../types.ts";
import { handlers, memoryLog, worldDatabase } from "./world.ts";

/** Identity's journal, a target database, and a function that starts projectors between them. */
export async function world() {
  const source = await worldDatabase();
  const target = await worldDatabase();
  const log = memoryLog();
  const transport = inProcess({ identity: source.db }, log);
  const running: { stop(): Promise<void> }[] = [];
  const project = (its: readonly Handler[] = handlers(), db: Database = target.db) => {
    const projector = startProjector({
      service: "messaging",
      db,
      source: transport.source("identity"),
      handlers: its,
      log,
    });
    running.push(projector);
    return projector;
  };
  return {
    source: source.db,
    target: target.db,
    log,
    project,
    async [Symbol.asyncDispose]() {
      await Promise.all(running.map((projector) => projector.stop()));
      await transport.close();
      await source.dispose();
      await target.dispose();
    },
  };
}

/** Waits until a database has applied the event with this sequence, and no later one. */
export const reached = (db: Database, seq: number, within = 5_000) =>
  eventually(async () => (await db.query(sql`select 1 from cursors where seq = ${seq}`)).length === 1, { within });

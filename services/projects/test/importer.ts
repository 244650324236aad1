import { sql } from "@stoa/db";
import type { EventName } from "@stoa/events";
import { rowsOf } from "@stoa/testing";
import type { DataResult, DataSave, DataSaved } from "../data/schema.ts";
import type { Team } from "./team.ts";
import type { Person } from "./world.ts";

let sources = 0;

/** A source of its own for each test. */
export const newSource = () => `tracker ${++sources}`;

/** What became of each item: `t1 created`. */
export const outcomes = ({ results }: DataSaved) =>
  results.map(({ external_id, outcome }) => `${external_id} ${outcome}`);

/** Why items failed: external id, code, and the field. */
export const errors = ({ results }: DataSaved) =>
  results.flatMap(({ external_id, error }) =>
    error ? [[external_id, error.error_code, error.errors?.[0]?.path]] : [],
  );

/** What people's changes have kept, by external id. */
export const kept = ({ results }: DataSaved) =>
  Object.fromEntries(results.flatMap((one) => (one.kept ? [[one.external_id, one.kept]] : [])));

/** The id here of an item. */
export const idOf = ({ results }: DataSaved, kind: DataResult["kind"], external_id: string) =>
  results.find((one) => one.kind === kind && one.external_id === external_id)?.id ?? "";

/** Saves payloads into a team's projects. */
export function importer(team: Team) {
  const post = (body: DataSave, as: Person | null = team.ada) =>
    team.ask<DataSaved & { error_code: string }>("POST", "/data/save", { as, body });

  async function save(body: DataSave, as: Person = team.ada): Promise<DataSaved> {
    const { status, body: saved } = await post(body, as);
    if (status !== 200) throw new Error(`The save answered ${status}: ${JSON.stringify(saved)}`);
    return saved;
  }

  const lastSeq = async () =>
    (await rowsOf<{ seq: number }>(team.db, sql`select coalesce(max(seq), 0) as seq from journal`))[0]?.seq ?? 0;
  const eventsSince = (seq: number) =>
    rowsOf<{ type: EventName; data: string; entity_id: string | null; actor_id: string }>(
      team.db,
      sql`select type, data, entity_id, actor_id from journal where seq > ${seq} order by seq`,
    );
  return { post, save, lastSeq, eventsSince };
}

import { afterAll, expect, test } from "bun:test";
import { DamagedEvent } from "@stoa/journal";
import { damage, kindsOfDamage } from "@stoa/testing";
import { startTeam } from "../test/team.ts";
import { keepReports } from "./keep.ts";
import { reportsReadTo } from "./ready.ts";

const team = await startTeam();
afterAll(() => team.close());

/** Whether SQLite itself refuses to write it: an index of this journal reads the data. */
const refused = new Set(["no JSON", "no text"]);

test.each(kindsOfDamage.filter((kind) => !refused.has(kind)))(
  "%s: reports are read up to the event before it, and on from there once it is repaired",
  async (kind) => {
    await keepReports(team.db);
    const before = await reportsReadTo(team.db);
    const { id } = await team.project();
    for (let n = 0; n < 3; n++) await team.task(team.ada, { project_id: id });
    const at = before + 2;
    const repair = await damage(team.db, at, kind);
    const error = await keepReports(team.db).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DamagedEvent);
    expect(String(error)).toContain(`Event ${at} of projects`);
    expect(await reportsReadTo(team.db)).toBe(at - 1);
    const { status, body } = await team.ask("GET", `/projects/${id}/reports/summary`, { as: team.ada });
    expect([status, body.error_code]).toEqual([500, "internal_error"]);
    await repair();
    await keepReports(team.db);
    expect(await reportsReadTo(team.db)).toBeGreaterThan(at);
  },
);

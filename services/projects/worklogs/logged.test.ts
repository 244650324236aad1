import { afterAll, beforeAll, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { rowsOf } from "@stoa/testing";
import fc from "fast-check";
import { startTeam, type Team } from "../test/team.ts";
import type { Worklog } from "./schema.ts";

let team: Team;
let project_id: string;
beforeAll(async () => {
  team = await startTeam();
  project_id = (await team.project("Sums")).id;
});
afterAll(() => team.close());

/** One request of many that are sent at once: new work, or a change of an entry that was there before. */
type Request =
  | { readonly kind: "record"; readonly minutes: number }
  | { readonly kind: "change"; readonly entry: number; readonly minutes: number }
  | { readonly kind: "remove"; readonly entry: number };

const minutes = fc.integer({ min: 1, max: 10_000 });
const entry = fc.nat({ max: 4 });
const request: fc.Arbitrary<Request> = fc.oneof(
  fc.record({ kind: fc.constant("record" as const), minutes }),
  fc.record({ kind: fc.constant("change" as const), entry, minutes }),
  fc.record({ kind: fc.constant("remove" as const), entry }),
);

test("logged_minutes is the sum of the log after any requests at once, and the journal tells how it came to be", async () => {
  const crowd = fc.array(fc.array(request, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(crowd, async (rounds) => {
      const { id } = await team.task(team.ada, { project_id });
      const path = `/tasks/${id}/worklogs`;
      const entries: Worklog[] = [];
      const send = (one: Request) => {
        if (one.kind === "record") {
          return team.ask<Worklog>("POST", path, { as: team.ada, body: { minutes: one.minutes } });
        }
        const of = `${path}/${entries[one.entry % Math.max(entries.length, 1)]?.id ?? "none"}`;
        if (one.kind === "remove") return team.ask("DELETE", of, { as: team.ada });
        return team.ask<Worklog>("PATCH", of, { as: team.ada, body: { minutes: one.minutes } });
      };
      for (const requests of rounds) {
        const answers = await Promise.all(requests.map(send));
        expect(answers.map(({ status }) => status).filter((status) => ![200, 201, 204, 404].includes(status))).toEqual(
          [],
        );
        for (const { status, body } of answers) if (status === 201) entries.push(body as Worklog);
      }
      const [sum] = await rowsOf<{ sum: number; logged: number }>(
        team.db,
        sql`select (select coalesce(sum(minutes), 0) from worklogs where task_id = ${id}) as sum,
          (select logged_minutes from tasks where id = ${id}) as logged`,
      );
      expect(sum?.logged).toBe(sum?.sum ?? -1);
      const told = (await team.journal(id)).flatMap(({ data }) =>
        (JSON.parse(data) as { changes: { field: string; from: number; to: number }[] }).changes.filter(
          ({ field }) => field === "logged_minutes",
        ),
      );
      const steps = told.reduce((at, { from, to }) => (from === at ? to : Number.NaN), 0);
      expect(steps).toBe(sum?.sum ?? -1);
    }),
    { numRuns: 25 },
  );
}, 60_000);

import { openDatabase, sql } from "@stoa/db";
import { run } from "../deploy/cli/stoa.ts";
import { signUp } from "../tests/client.ts";
import { startDistributed } from "../tests/topologies/compose.ts";
import { quantile } from "./load.ts";
import { type Measurement, scaled, within } from "./measurement.ts";

/** How long a quiet system lacks a projection after `events rebuild`. */
export const rebuild: Measurement = {
  name: "rebuild",
  about: "from `events rebuild` until the projection of a quiet service is whole again, over NATS",
  async run(settings) {
    await using stoa = await startDistributed();
    const people = scaled(settings, 100, 2);
    for (let n = 0; n < people; n++) await signUp(stoa.gatewayUrl, `reader${n}`);
    const { identity, projects, messaging } = stoa.databaseUrls;
    const env = {
      IDENTITY_DATABASE_URL: identity,
      PROJECTS_DATABASE_URL: projects,
      MESSAGING_DATABASE_URL: messaging,
    };
    const db = await openDatabase(projects);
    const whole = async () => {
      const [row] = await db.query(sql`select count(*) as n from directory`);
      return Number(row?.["n"]) >= people;
    };
    const until = async () => {
      const began = performance.now();
      while (!(await whole())) {
        if (performance.now() - began > 60_000) throw new Error("The projection did not become whole again.");
        await Bun.sleep(5);
      }
      return performance.now() - began;
    };
    await until();
    const times: number[] = [];
    for (let round = 0; round < settings.rounds; round++) {
      const lines: string[] = [];
      // A directory that is wrong, as after a fault: the command reads the journals of the others and mends it.
      await db.write([sql`delete from directory`]);
      const began = performance.now();
      const code = await run(["events", "rebuild", "projects"], env, (line) => lines.push(line));
      if (code !== 0) throw new Error(`The command failed: ${lines.join("\n")}`);
      await until();
      times.push(performance.now() - began);
    }
    db.close();
    await stoa.stop();
    const numbers = { people, p50_ms: quantile(times, 0.5), most_ms: Math.max(...times) };
    return [within("a rebuilt projection of a quiet service", numbers, "most_ms", "<=", 2_000)];
  },
};

import { connectNats } from "@stoa/bus/nats";
import { type Database, sql } from "@stoa/db";
import { temporaryDatabase } from "@stoa/testing";
import { startNats } from "@stoa/testing/servers/index";
import { connect } from "nats";
import { quantile } from "./load.ts";
import { type Measurement, scaled, told } from "./measurement.ts";
import { quiet } from "./quiet.ts";

/** How fast a stream is made anew from a journal. */
export const relay: Measurement = {
  name: "relay",
  about: "events a second from a journal of 100,000 rows to a fresh stream",
  async run(settings) {
    const rows = scaled(settings, 100_000, 100);
    await using stored = await temporaryDatabase("projects");
    await fillJournal(stored.db, rows);
    const rates: number[] = [];
    for (let round = 0; round < Math.min(3, settings.rounds); round++) rates.push(await copy(stored.db, rows));
    return [told("relay to a fresh stream", { rows, events_per_second: quantile(rates, 0.5) })];
  },
};

async function copy(db: Database, rows: number): Promise<number> {
  await using server = await startNats();
  const nc = await connect({ servers: server.url });
  const { streams } = await nc.jetstreamManager({ checkAPI: false });
  const transport = connectNats({ servers: server.url, name: "bench", log: quiet });
  while (!transport.connected()) await Bun.sleep(5);
  const began = performance.now();
  const copying = transport.relay({ service: "projects", db });
  const last = async () => {
    const found = await streams.list("evt.projects.>").next();
    return found[0]?.state.last_seq ?? 0;
  };
  while ((await last()) < rows) await Bun.sleep(20);
  const seconds = (performance.now() - began) / 1_000;
  await copying.stop();
  await transport.close();
  await nc.close();
  return rows / seconds;
}

/** Events of a usual size, made by the database itself. */
async function fillJournal(db: Database, rows: number): Promise<void> {
  const chunk = 10_000;
  const data = JSON.stringify({
    task_id: crypto.randomUUID(),
    project_id: crypto.randomUUID(),
    key: "WEIR-1",
    title: "Walk down to the weir and count the herons on it",
    version: 2,
    changes: [{ field: "status", from: "pending", to: "in_progress" }],
  });
  for (let made = 0; made < rows; made += chunk) {
    const count = Math.min(chunk, rows - made);
    await db.write([
      sql`insert into journal (event_id, type, aggregate_id, entity_id, actor_id, request_id, time, data)
        with recursive n (i) as (select 1 union all select i + 1 from n where i < ${count})
        select lower(hex(randomblob(16))), 'task.updated', 'p', 't', 'u', 'r', '2026-11-20T09:00:00.000Z', ${data} from n`,
    ]);
  }
}

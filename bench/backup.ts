import { Client } from "../tests/client.ts";
import { rateOf } from "./alternate.ts";
import { load, quantile } from "./load.ts";
import { type Measurement, scaled, within } from "./measurement.ts";
import { startWorld, type World } from "./stoa.ts";

/** Durable writes a second that are measured: few enough that the machine has time for both. */
const rate = 100;

/** How a backup slows writes. */
export const backup: Measurement = {
  name: "backup",
  about: "the 99th percentile of POST of a task while backups are made, compared with that of a quiet server",
  async run(settings) {
    await using world = await startWorld();
    const { stoa } = world;
    const write = writesOf(world);
    await grow(world, scaled(settings, 20_000));
    const { email: username, password } = stoa.superuser;
    const login = { username, password };
    const anonymous = new Client(stoa.gatewayUrl);
    const tokens = await anonymous.must<{ access_token: string }>(200, "POST", "/api/v1/auth/login", login);
    const admin = new Client(stoa.gatewayUrl, tokens.access_token);

    const [quiet, busy, took]: [number[], number[], number[]] = [[], [], []];
    let bytes = 0;
    for (let round = 0; round < settings.rounds; round++) {
      const before = await write(settings.seconds);
      rateOf(before);
      quiet.push(before.p99);
      let over = false;
      const backups = (async () => {
        while (!over) {
          const began = performance.now();
          const made = await admin.must<{ files: { bytes: number }[] }>(201, "POST", "/api/v1/admin/backups");
          took.push(performance.now() - began);
          bytes = made.files.reduce((sum, file) => sum + file.bytes, 0);
        }
      })();
      const during = await write(settings.seconds);
      over = true;
      await backups;
      rateOf(during);
      busy.push(during.p99);
    }
    const [quiet_p99_ms, backup_p99_ms] = [quantile(quiet, 0.5), quantile(busy, 0.5)];
    const numbers = {
      quiet_p99_ms,
      backup_p99_ms,
      p99_ratio: backup_p99_ms / quiet_p99_ms,
      backup_ms: quantile(took, 0.5),
      megabytes: bytes / 1_000_000,
    };
    return [within("POST of a task while backups are made", numbers, "p99_ratio", "<=", 3)];
  },
};

function writesOf({ stoa, headers, project_id }: World) {
  const json = { ...headers, "content-type": "application/json" };
  const body = JSON.stringify({ title: "Count the herons, day {n}", project_id });
  const url = `${stoa.gatewayUrl}/api/v1/tasks`;
  return (seconds: number) =>
    load({ url, method: "POST", headers: json, body, connections: 4, rate, seconds, status: 201 });
}

/** Fills the database, so that a backup takes a while. */
async function grow({ ada, project_id }: World, tasks: number): Promise<void> {
  let left = tasks;
  const work = async () => {
    for (; left > 0; left--) {
      const description = "Walk down to the weir and count the herons on it. ".repeat(20);
      await ada.must(201, "POST", "/api/v1/tasks", { title: `Task ${left}`, description, project_id });
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
}

import { Database } from "bun:sqlite";
import { foldedTask } from "@stoa/projects/tasks/searched";
import { type Person, signUp } from "../tests/client.ts";
import { alternate, rateOf } from "./alternate.ts";
import { copyTasks } from "./copy-tasks.ts";
import { loadOn } from "./cpu.ts";
import { keptWorld } from "./kept.ts";
import { type Load, load, quantile } from "./load.ts";
import { atLeast, type Measurement, type Settings, scaled, within } from "./measurement.ts";
import { changeDatabase, startWorld, type World } from "./stoa.ts";

/** Searches and filters in one project with very many tasks. */
export const search: Measurement = {
  name: "search",
  about: "the 99th percentile of a page of searches in 1,000,000 tasks, and filters beside 1,000 tasks",
  async run(settings) {
    const [few, many] = [scaled(settings, 1_000, 100), scaled(settings, 1_000_000, 1_000)];
    await using world = await keptWorld(settings, `tasks-${many}`, { tasks: few }, (small) => fill(small, many));
    const { ada, stoa, server, filled: large } = world;
    const eve = await signUp(stoa.gatewayUrl, "eve");
    const headersOf = ({ token }: Person) => ({ authorization: `Bearer ${token}`, "user-agent": "bench" });
    const [seeing, blind] = [headersOf(ada), headersOf(eve)];

    const results = [];
    for (const [what, q, headers] of [
      ["a word that all have", "weir", seeing],
      ["a word that three of the oldest have", "zanzibar", seeing],
      ["a part of a word that all have", "umbe", seeing],
      ["one Han character of every tenth", "消", seeing],
      ["two Han characters of every thousandth", "消息", seeing],
      ["the beginning of a word that none has", "zz", seeing],
      ["two words that never meet", "zanzibar 消", seeing],
      ["a word that all have, by someone without rights", "weir", blind],
      ["the beginning of a word that all have, by someone without rights", "we", blind],
    ] as const) {
      const url = `${stoa.gatewayUrl}/api/v1/tasks?limit=20&q=${encodeURIComponent(q)}`;
      const { p50, p99 } = await best(settings, {
        url,
        headers,
        connections: 1,
        status: 200,
        seconds: settings.seconds,
      });
      results.push(within(`search in ${many} tasks for ${what}`, { p50_ms: p50, p99_ms: p99 }, "p99_ms", "<=", 30));
    }
    for (const filter of [
      "status=pending,in_review",
      "label=herons",
      "priority=low,medium&sort=due_at",
      "assignee_id=me",
    ]) {
      const reads = (project_id: string) => (seconds: number) => {
        const url = `${stoa.gatewayUrl}/api/v1/tasks?limit=20&project_id=${project_id}&${filter}`;
        return loadOn(server, { url, headers: seeing, connections: 4, status: 200, seconds });
      };
      const { ratio, ours, theirs, cpu } = await alternate(settings, reads(large), reads(world.project_id));
      const name = `GET of 20 with ${filter}, in ${many} tasks beside ${few}`;
      const numbers = { per_second: ours, few_per_second: theirs, cpu_ms: cpu.ours, few_cpu_ms: cpu.theirs };
      results.push(atLeast(0.8, name, ratio, numbers));
    }
    return results;
  },
};

/** Makes a project with very many tasks. Returns its id. */
async function fill(world: World, many: number): Promise<string> {
  const { id } = await world.ada.must<{ id: string }>(201, "POST", "/api/v1/projects", { name: "Large" });
  await changeDatabase(world, "projects", (file) => addTasks(file, world.project_id, id, many));
  return id;
}

/** What someone's search does to others. */
export const neighbours: Measurement = {
  name: "neighbours",
  about: "the 99th percentile of another user's GET /auth/me while a viewer searches and counts 16,500 tasks",
  async run(settings) {
    await using world = await startWorld({ tasks: 1 });
    const { stoa, headers, project_id } = world;
    const tasks = scaled(settings, 16_500, 100);
    await changeDatabase(world, "projects", (file) => addTasks(file, project_id, project_id, tasks));
    const eve = await signUp(stoa.gatewayUrl, "eve");
    const me: Load = {
      url: `${stoa.gatewayUrl}/api/v1/auth/me`,
      headers: { authorization: `Bearer ${eve.token}`, "user-agent": "bench" },
      connections: 4,
      rate: 200,
      status: 200,
      seconds: settings.seconds,
    };
    const results = [];
    for (const query of ["q=zz&count=true", "q=we&count=true&sort=rank", "status=pending&count=true&sort=due_at"]) {
      const [quiet, busy]: [number[], number[]] = [[], []];
      for (let round = 0; round < settings.rounds; round++) {
        quiet.push((await load(me)).p99);
        const url = `${stoa.gatewayUrl}/api/v1/tasks?${query}`;
        const searches = load({
          url,
          headers,
          connections: 10,
          rate: 10,
          status: 200,
          seconds: settings.seconds + 0.5,
        });
        busy.push((await load(me)).p99);
        rateOf(await searches);
      }
      const [quiet_p99_ms, busy_p99_ms] = [quantile(quiet, 0.5), quantile(busy, 0.5)];
      const numbers = { quiet_p99_ms, busy_p99_ms, p99_ratio: busy_p99_ms / quiet_p99_ms };
      results.push(within(`GET /auth/me beside ${query} in ${tasks} tasks`, numbers, "p99_ratio", "<=", 3));
    }
    return results;
  },
};

/** The round that other work on the machine has disturbed least. */
async function best(settings: Settings, what: Load) {
  const rounds = [];
  for (let round = 0; round < Math.min(3, settings.rounds); round++) rounds.push(await load(what));
  for (const round of rounds) rateOf(round);
  return rounds.reduce((one, other) => (other.p99 < one.p99 ? other : one));
}

/** Adds tasks to a project, with everything that hangs on them; texts differ in what searches look for. */
function addTasks(file: string, from: World["project_id"], project_id: string, count: number): void {
  using db = new Database(file);
  const template = db
    .query<{ id: string; description: string }, [string]>(
      "select id, description from tasks where project_id = ? and number = 1",
    )
    .get(from);
  const { id: first = "", description = null } = template ?? {};
  copyTasks(db, first, count, (n) => {
    const extra = n < 3 ? " zanzibar" : n % 1_000 === 0 ? " 消息" : n % 10 === 0 ? " 消失" : "";
    const title = `Task number ${n} of the weir${extra}`;
    const id = `02000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
    return {
      id,
      project_id,
      number: 1_000_000 + n,
      rank: `z${id}`,
      title,
      folded: foldedTask({ title, description }),
      status: n % 5 === 0 ? "in_progress" : "pending",
      due_at: new Date(Date.UTC(2027, 0, 1) + n * 60_000).toISOString(),
    };
  });
  const copies = "select row from tasks where id like '02000000-0000-7000-8000-%'";
  db.run(`insert into task_labels (task_row, label) select row, 'herons' from (${copies})`);
  db.run(`insert into task_assignees (task_row, user_id)
    select row, (select user_id from members limit 1) from (${copies})`);
}

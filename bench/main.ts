/**
 * `bun run bench [name …]` measures, prints a table and writes `bench/results.json`. Ratios compare two sides within one
 * run; absolute numbers depend on the machine. `--seconds`, `--rounds` and `--scale` make it shorter, `--out` writes to
 * another file, and `--keep FOLDER` keeps what takes minutes to make for the next run.
 */
import { cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { backup } from "./backup.ts";
import { beside } from "./beside.ts";
import { bodies } from "./bodies.ts";
import { crowd } from "./crowd.ts";
import { dataSave } from "./data-save.ts";
import { deltas } from "./deltas.ts";
import { drivers } from "./drivers.ts";
import { enumeration } from "./enumeration.ts";
import { exporting } from "./export.ts";
import { footprint } from "./footprint.ts";
import { importing } from "./import.ts";
import { joining } from "./joining.ts";
import { large } from "./large.ts";
import { litestream } from "./litestream.ts";
import { login } from "./login.ts";
import { me } from "./me.ts";
import type { Measurement, Result } from "./measurement.ts";
import { messagesRead, unread } from "./messages-read.ts";
import { messagesSend } from "./messages-send.ts";
import { projection } from "./projection.ts";
import { rebuild } from "./rebuild.ts";
import { refresh } from "./refresh.ts";
import { relay } from "./relay.ts";
import { reporting } from "./reports.ts";
import { resume } from "./resume.ts";
import { returning } from "./returning.ts";
import { revocation } from "./revocation.ts";
import { scan } from "./scan.ts";
import { neighbours, search } from "./search.ts";
import { searchMessages } from "./search-messages.ts";
import { sockets } from "./sockets.ts";
import { sqld } from "./sqld.ts";
import { streams } from "./streams.ts";
import { table } from "./table.ts";
import { tasksCreate } from "./tasks-create.ts";
import { tasksMove } from "./tasks-move.ts";
import { tasksRead } from "./tasks-read.ts";
import { token } from "./token.ts";
import { worstBodies } from "./worst-bodies.ts";

const all: readonly Measurement[] = [
  tasksRead,
  tasksCreate,
  me,
  token,
  projection,
  login,
  enumeration,
  relay,
  refresh,
  revocation,
  importing,
  reporting,
  exporting,
  dataSave,
  backup,
  litestream,
  worstBodies,
  bodies,
  sqld,
  drivers,
  streams,
  crowd,
  resume,
  joining,
  deltas,
  sockets,
  returning,
  scan,
  large,
  footprint,
  rebuild,
  beside,
  tasksMove,
  search,
  searchMessages,
  neighbours,
  messagesSend,
  messagesRead,
  unread,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "2" },
    rounds: { type: "string", default: "7" },
    scale: { type: "string", default: "1" },
    keep: { type: "string" },
    out: { type: "string", default: join(import.meta.dir, "results.json") },
  },
});
const unknown = positionals.filter((name) => !all.some((measurement) => measurement.name === name));
if (unknown.length > 0) {
  console.error(`There is no measurement ${unknown.join(", ")}; there are:`);
  for (const { name, about } of all) console.error(`  ${name.padEnd(16)}${about}`);
  process.exit(2);
}

const loadBefore = loadavg();
const [seconds, rounds, scale] = [Number(values.seconds), Number(values.rounds), Number(values.scale)];
const settings = { seconds, rounds, scale };
const results: Result[] = [];
for (const { name, about, run } of all) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  console.log(`${name}: ${about}`);
  results.push(...(await run({ ...settings, keep: values.keep })));
  // A run takes long: what was measured stays if it is ended before its end.
  await Bun.write(values.out, `${JSON.stringify({ environment: environment(), settings, results }, null, 2)}\n`);
}
console.log(`\n${table(results)}`);
process.exit(0);

function environment() {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    bun: Bun.version,
    system: `${process.platform} ${process.arch} ${release().split("-")[0]}`,
    cpu: cpu?.model.trim() ?? "unknown",
    cores: cpus().length,
    /** The load of the machine before the start. Near the number of cores it distorts absolute numbers. */
    load_average: Math.round((loadBefore[0] ?? 0) * 10) / 10,
    memory_gib: Math.round(totalmem() / 2 ** 30),
  };
}

import { maxBytesOf } from "@stoa/http/body";
import { Caller, type Sending } from "../tests/routes/ask.ts";
import type { Operation } from "../tests/routes/operations.ts";
import { bodyOf, goodBody, propertiesOf, solid } from "../tests/routes/samples.ts";
import { paramsOf, scenery } from "../tests/routes/scenery.ts";
import { Stage } from "../tests/routes/stage.ts";
import { startStoa } from "../tests/routes/stoa.ts";
import { type Measurement, type Result, type Settings, scaled, withoutBound } from "./measurement.ts";

/** What the worst body of each route costs, in CPU time beside a good body. */
export const worstBodies: Measurement = {
  name: "worst-bodies",
  about: "CPU per request of the worst body of each route, as large as the route takes, beside a good one",
  async run(settings) {
    await using stoa = await startStoa();
    const caller = new Caller(stoa);
    const stage = new Stage(stoa, caller);
    const around = await scenery(stage);
    const results: Result[] = [];
    let [marks, letters] = [0, 0];
    for (const operation of stage.operations) {
      if (operation.spec.body === undefined || operation.spec.deprecated !== undefined) continue;
      const max = scaled(settings, maxBytesOf(operation.spec), 4_096);
      const ask = (sending: Sending) => async () => {
        const params = paramsOf(operation.path, around.params);
        await caller.ask(operation, { token: around.root.token, params, ...sending });
      };
      const good_ms = await cpuOf(settings, 10, ask(goodBody(operation)));
      let worst = { kind: "none", cpu_ms: 0 };
      for (const [kind, raw] of hostileBodies(operation, max)) {
        const headers = { "content-type": operation.spec.mediaType ?? "application/json" };
        const cpu_ms = await cpuOf(settings, 2, ask({ raw, headers }));
        if (cpu_ms > worst.cpu_ms) worst = { kind, cpu_ms };
        if (kind.startsWith("marks")) marks += cpu_ms;
        if (kind.startsWith("letters")) letters += cpu_ms;
      }
      const numbers = { kib: max / 1_024, good_ms, worst_ms: worst.cpu_ms };
      results.push(withoutBound(`worst body of ${operation.name}: ${worst.kind}`, numbers, worst.cpu_ms / good_ms));
    }
    const ratio = marks / letters;
    const numbers = { marks_ms: marks, letters_ms: letters };
    const name = "combining marks in every text field, compared with letters";
    return [{ name, ratio, numbers, bound: "ratio <= 5", met: ratio <= 5 }, ...results];
  },
};

/** CPU time of this process for one request, in milliseconds: that of the best round, which others disturbed least. */
async function cpuOf(settings: Settings, times: number, request: () => Promise<void>): Promise<number> {
  const count = scaled(settings, times);
  await request();
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < Math.min(settings.rounds, 3); round++) {
    const before = process.cpuUsage();
    for (let n = 0; n < count; n++) await request();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1_000 / count);
  }
  return best;
}

/** Bodies of `max` bytes, each of one kind. */
function* hostileBodies(operation: Operation, max: number): Iterable<readonly [kind: string, body: string]> {
  const filled = (before: string, part: string, after: string) => {
    const size = Buffer.byteLength(part);
    return before + part.repeat(Math.floor((max - Buffer.byteLength(before + after)) / size)) + after;
  };
  if (operation.spec.mediaType !== undefined) {
    yield ["marks in a line", filled('{"email":"a', "\u0316\u0301", '"}')];
    yield ["letters in a line", filled('{"email":"a', "é", '"}')];
    return;
  }
  const good = bodyOf(operation) ?? {};
  for (const [name, field] of Object.entries(propertiesOf(operation.spec.body))) {
    const { [name]: _, ...rest } = good;
    const [before, after] = [`${JSON.stringify(rest).slice(0, -1)}${Object.keys(rest).length > 0 ? "," : ""}`, "}"];
    const inField = (open: string, part: string, close: string) =>
      filled(`${before}${JSON.stringify(name)}:${open}`, part, `${close}${after}`);
    if (solid(field)["type"] === "string") {
      yield [`marks in ${name}`, inField('"a', "\u0316\u0301", '"')];
      yield [`letters in ${name}`, inField('"a', "éa", '"')];
      yield [`runs of 30 marks in ${name}`, inField('"', `a${"\u0301\u0316".repeat(15)}`, '"')];
      yield [`spaces in ${name}`, inField('"', " ", 'a"')];
    }
    if (solid(field)["type"] === "array") {
      yield [`NUL texts in ${name}`, inField("[", '"\\u0000",', '""]')];
      yield [`ids in ${name}`, inField("[", `"${crypto.randomUUID()}",`, '""]')];
    }
  }
  yield ["objects", filled('{"a":[', "{},", "{}]}")];
  yield ["members", filled('{"a":[', '{"a":1},', "{}]}")];
  yield ["members of one object", manyMembers(max)];
  yield ["a number", filled('{"a":', "1", "}")];
  yield ["backslashes", filled('{"a":"', "\\\\", '"}')];
}

/** As many members as are taken, with long names. */
function manyMembers(max: number): string {
  const count = Math.min(19_999, Math.floor(max / 16));
  const width = Math.floor(max / count) - 6;
  const members = Array.from({ length: count }, (_, n) => `"${`${n}`.padEnd(width, "n")}":1`);
  return `{${members.join(",")}}`;
}

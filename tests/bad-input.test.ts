import { afterAll, describe, expect, test } from "bun:test";
import { maxBytesOf } from "@stoa/http/body";
import { hasLongRun } from "@stoa/http/marks";
import { addressHeader } from "@stoa/testing";
import { Caller } from "./routes/ask.ts";
import { badBodies } from "./routes/bad-bodies.ts";
import { badFields, isIgnored, wrongLimits } from "./routes/bad-fields.ts";
import { badHeaders } from "./routes/bad-headers.ts";
import { badIds } from "./routes/bad-ids.ts";
import { inOrder } from "./routes/bad-order.ts";
import { badPages, badQueries } from "./routes/bad-queries.ts";
import { badTokens } from "./routes/bad-tokens.ts";
import { largestBody } from "./routes/largest.ts";
import { routesOf } from "./routes/operations.ts";
import { faultsOf } from "./routes/problem.ts";
import { Refusals } from "./routes/refusals.ts";
import { goodBody, neededSearch, propertiesOf, typesOf } from "./routes/samples.ts";
import { paramsOf, scenery } from "./routes/scenery.ts";
import { Stage } from "./routes/stage.ts";
import { startStoa } from "./routes/stoa.ts";
import { besides, pathsOf } from "./routes/wrong-paths.ts";

/** The texts with a long run of combining marks that were normalized, which takes quadratic time: there must be none. */
const normalized: string[] = [];
const { normalize } = String.prototype;
String.prototype.normalize = function (form) {
  if (hasLongRun(String(this))) normalized.push(new Error("normalized").stack ?? "");
  return normalize.call(this, form);
};

/** Sends every operation of the three services what clients send by mistake and attackers on purpose. */
const stoa = await startStoa();
const caller = new Caller(stoa);
const stage = new Stage(stoa, caller);
const around = await scenery(stage);
const tokens = await badTokens(stage, stoa.keys, around.root);
const limited = stoa.appsWith({ rate_limit_scale: 0.0001 });
const refusals = new Refusals(stoa, caller, around);
afterAll(async () => {
  String.prototype.normalize = normalize;
  await stoa[Symbol.asyncDispose]();
});

const operations = stage.operations.map((operation) => [`${operation.service}: ${operation.name}`, operation] as const);

describe.each(operations)("%s refuses", (_, operation) => {
  const { spec } = operation;
  const closed = spec.access !== "anyone" || (spec.errors ?? []).some((code) => code === "unauthorized");

  test("bodies that are too large, of another type, or not JSON", async () => {
    expect(await refusals.of(operation, badBodies(operation))).toEqual([]);
  });

  test("fields that are unknown, of another type, too long, empty or invalid text", async () => {
    expect(await refusals.of(operation, badFields(operation))).toEqual([]);
    expect(wrongLimits(operation)).toEqual([]);
  });

  test("queries that are unknown, malformed, out of range or forged", async () => {
    expect(await refusals.of(operation, badQueries(operation))).toEqual([]);
    expect(await refusals.of(operation, badPages(operation, around.cursor))).toEqual([]);
  });

  test("idempotency keys and versions in headers that are malformed or outdated", async () => {
    expect(await refusals.of(operation, badHeaders(operation))).toEqual([]);
  });

  test("ids that are malformed, unknown, or of another kind of resource", async () => {
    expect(await refusals.of(operation, badIds(operation, around))).toEqual([]);
  });

  test("tokens that are malformed, expired, cut or forged", async () => {
    const requests = (closed ? tokens : []).map(({ what, header, code }) => ({
      what: `a token ${what}`,
      sending: {
        ...goodBody(operation),
        token: null,
        headers: { ...goodBody(operation).headers, authorization: header },
      },
      expected: { status: 401, code },
    }));
    expect(await refusals.of(operation, requests)).toEqual([]);
  });

  test("a request with several errors for the first of them in the contract's order", async () => {
    const who = { user: around.stranger.token, root: around.root.token };
    expect(await refusals.of(operation, inOrder(operation, who))).toEqual([]);
  });

  test("a request over a rate limit before it checks anything else", async () => {
    if (spec.limit === "none") return;
    const address = crypto.randomUUID();
    const headers = { [addressHeader]: address, authorization: "Bearer x.y.z", "content-length": "99999999" };
    const sending = { token: null, headers };
    await caller.ask(operation, sending, limited);
    const over = { what: "over the limit", expected: { status: 429, code: "rate_limited" } };
    const known = { token: around.stranger.token, headers: { "content-length": "99999999" } };
    await caller.ask(operation, known, limited);
    expect(
      await refusals.of(
        operation,
        [
          { ...over, sending },
          { ...over, sending: known },
        ],
        limited,
      ),
    ).toEqual([]);
  });
});

test("no operation that anyone may call takes more than 16 KiB", () => {
  const anonymous = stage.operations.filter(({ spec }) => spec.access === "anyone");
  expect(anonymous.length).toBeGreaterThan(10);
  expect(anonymous.filter(({ spec }) => maxBytesOf(spec) > 16 * 1_024).map(({ name }) => name)).toEqual([]);
});

describe("beside the operations", () => {
  const routes = routesOf(stoa.apps);
  const paths = pathsOf(routes);

  test("a path that does not exist is 404, with any token and any method", async () => {
    const faults: string[] = [];
    const unknown = { status: 404, code: "not_found" };
    for (const path of paths) {
      for (const beside of besides(path, routes)) {
        for (const method of ["GET", "POST", "DELETE"]) {
          const answer = await caller.send(stoa.apps[path.service], method, beside);
          faults.push(...faultsOf(answer, unknown).map((fault) => `${path.service} ${method} ${beside}: ${fault}`));
        }
      }
    }
    expect(faults).toEqual([]);
  });

  test("a method that a path does not support is 405 with Allow, before the token is checked", async () => {
    const faults: string[] = [];
    for (const { service, path, methods, allow } of paths) {
      for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"]) {
        if (methods.includes(method)) continue;
        const answer = await caller.send(stoa.apps[service], method, path);
        if (method === "HEAD") {
          if (answer.status !== 405) faults.push(`${method} ${path}: answers ${answer.status}`);
        } else {
          const found = faultsOf(answer, { status: 405, code: "method_not_allowed" });
          faults.push(...found.map((fault) => `${service} ${method} ${path}: ${fault}`));
        }
        if (answer.headers.get("allow") !== allow) faults.push(`${method} ${path}: Allow is not ${allow}`);
      }
    }
    expect(faults).toEqual([]);
  });

  test("HEAD answers like GET without a body, and a trailing slash does not matter", async () => {
    const faults: string[] = [];
    const reads = stage.operations.filter(({ method, name }) => method === "GET" && !/\/(stream|ws)$/.test(name));
    for (const operation of reads) {
      const sending = { token: around.root.token, search: neededSearch(operation) };
      const params = paramsOf(operation.path, around.params);
      const { status } = await caller.ask(operation, { ...sending, params });
      const path = operation.path.replaceAll(/:(\w+)/g, (_, name: string) => params[name] ?? "unknown");
      const head = await caller.send(stoa.apps[operation.service], "HEAD", path, sending);
      const slash = await caller.send(stoa.apps[operation.service], "GET", `${path}/`, sending);
      if (status !== 200 || head.status !== 200 || head.text !== "" || slash.status !== 200) {
        faults.push(`${operation.name}: ${status}, HEAD ${head.status}, with a slash ${slash.status}`);
      }
    }
    expect(faults).toEqual([]);
  });

  test("version and times in a body are ignored; other read-only fields must have their present value", async () => {
    const faults: string[] = [];
    for (const operation of stage.operations.filter(({ method, spec }) => /^(PATCH|PUT)$/.test(method) && spec.body)) {
      const readOnly = Object.entries(propertiesOf(operation.spec.body)).filter(
        ([, field]) => typesOf(field).length === 0,
      );
      if (readOnly.length === 0) continue;
      const ask = { token: around.root.token, params: paramsOf(operation.path, around.params) };
      const before = await stoa.journals();
      const json = { version: "nonsense", created_at: 7, updated_at: null, deleted_at: { a: 1 } };
      const { status, text } = await caller.ask(operation, { ...ask, json });
      if (status !== 200) faults.push(`${operation.name}: answers ${status} to ${JSON.stringify(json)}: ${text}`);
      if ((await stoa.journals()) !== before) faults.push(`${operation.name}: writes`);
      for (const [name] of readOnly) {
        if (isIgnored(operation, name)) continue;
        const sending = { json: { [name]: { no: "such" } } };
        const expected = { status: 422, code: "validation_failed", at: `/${name}` };
        faults.push(...(await refusals.of(operation, [{ what: `another ${name}`, sending, expected }])));
      }
    }
    expect(faults).toEqual([]);
  });
});

describe("texts as long as they may be, of characters that take four bytes, are stored and journaled", () => {
  const cases = stage.operations.flatMap((operation) => {
    const [body, other] = [largestBody(operation, "🙂"), largestBody(operation, "🙃")];
    return body && other ? [[operation.name, operation, body, other] as const] : [];
  });
  test.each(cases)("%s", async (_, operation, body, other) => {
    const ask = { token: around.root.token, params: paramsOf(operation.path, around.params) };
    const answers = [
      await caller.ask(operation, { ...ask, json: body }),
      // The event of a change has what was and what is.
      await caller.ask(operation, { ...ask, json: other }),
    ];
    expect(
      answers.filter(({ status, body: { error_code } }) => status === 500 || error_code === "unavailable"),
    ).toEqual([]);
    if (/^PATCH \/(tasks|projects|auth\/users)\/:id$|^PATCH \/auth\/me$/.test(operation.name))
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });
});

test("no text was normalized that has more combining marks in a row than text has", () => {
  expect(normalized).toEqual([]);
  // The watch itself works.
  expect("a".padEnd(40, "\u0316").normalize("NFC")).toHaveLength(40);
  expect(normalized).toHaveLength(1);
});

test("every event that came of it can be read by whoever follows the journals", async () => {
  expect(await stoa.damages()).toEqual([]);
});

test("nothing on the event loop read a whole table that grows", async () => {
  expect(await stoa.wholeTables()).toEqual([]);
});

test("the server logged no failure, and every error code is declared by its operation", () => {
  expect(stoa.failures).toEqual([]);
  expect([...caller.undeclared]).toEqual([]);
});

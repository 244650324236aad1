import { afterAll, describe, expect, test } from "bun:test";
import type { TSchema } from "@sinclair/typebox";
import { Caller } from "./routes/ask.ts";
import type { Operation } from "./routes/operations.ts";
import { neededParts, propertiesOf, typesOf } from "./routes/samples.ts";
import { paramsOf, scenery } from "./routes/scenery.ts";
import { Stage } from "./routes/stage.ts";
import { startStoa } from "./routes/stoa.ts";

/** The filters of every list of the three services. */
const stoa = await startStoa();
const stage = new Stage(stoa, new Caller(stoa));
const around = await scenery(stage);
await stoa.settle();
await stoa.fanOut();
afterAll(() => stoa[Symbol.asyncDispose]());

/** Parameters of lists that are no filter, or one of texts. */
const noFilters = new Set(["limit", "cursor", "skip", "count", "sort", "q"]);
/** Whose page is one of one thing: who may not see that is refused. */
const scopes = new Set(["GET /messages conversation_id", "GET /messages task_id"]);

const filters = stage.operations
  .filter(({ method, spec }) => method === "GET" && "cursor" in propertiesOf(spec.query))
  .flatMap((operation) =>
    Object.entries(propertiesOf(operation.spec.query))
      .filter(([name]) => !noFilters.has(name) && !scopes.has(`${operation.name} ${name}`))
      .map(([name, schema]) => [`${operation.name} ${name}`, { operation, name, schema }] as const),
  );

/** The words that a filter takes; none where its values are free. */
function wordsOf({ items }: TSchema): string[] {
  const { enum: words, anyOf } = (items ?? {}) as { enum?: string[]; anyOf?: { const: string }[] };
  return words ?? anyOf?.map((word) => word.const) ?? [];
}

function ask(operation: Operation, search: readonly string[] = []) {
  return stage.caller.ask(operation, {
    token: around.root.token,
    params: paramsOf(operation.path, around.params),
    search: [...neededParts(operation), ...search].join("&"),
  });
}

test("whatever takes one of several takes several, in every list; and a user may be `me` or `none`", () => {
  const single = filters.filter(
    ([, { schema }]) => typesOf(schema).includes("string") && schema["format"] !== "date-time",
  );
  expect(single.map(([name]) => name)).toEqual([]);
  const ofUsers = filters.filter(([name]) => /(?:user|actor|assignee|creator|sender)_id$/.test(name));
  expect(ofUsers.length).toBeGreaterThan(5);
  for (const [name, { schema }] of ofUsers)
    expect([name, schema["items"]?.pattern]).toEqual([name, expect.stringContaining("me|none")]);
});

const several = filters.filter(([, { schema }]) => typesOf(schema).includes("array"));
const enumerations = several.filter(([, { schema }]) => wordsOf(schema).length > 0);

describe.each(enumerations)("%s", (_, { operation, name, schema }) => {
  const words = wordsOf(schema);
  const totalOf = async (...search: string[]) => {
    const { status, body } = await ask(operation, ["count=true", ...search]);
    return [status, body["total"]];
  };

  test("with all words finds what each of them finds, and that is everything", async () => {
    const totals = await Promise.all(words.map((word) => totalOf(`${name}=${word}`)));
    const sum = totals.reduce((before, [, total]) => before + Number(total), 0);
    expect(sum).toBeGreaterThan(0);
    expect(await totalOf(`${name}=${words.join(",")}`)).toEqual([200, sum]);
    expect(await totalOf()).toEqual([200, sum]);
  });

  test("refuses a list with a word that it does not know", async () => {
    const { status, body } = await ask(operation, [`${name}=${words[0]},no_such`]);
    expect([status, body["error_code"]]).toEqual([422, "validation_failed"]);
  });
});

test("enumerations of lists are found", () => {
  expect(enumerations.map(([name]) => name).sort()).toEqual([
    "GET /conversations type",
    "GET /organizations/:id/invitations status",
    "GET /projects/:id/webhooks/:webhook_id/deliveries status",
    "GET /reports status",
    "GET /tasks priority",
    "GET /tasks status",
    "GET /tasks/:id/logs source",
  ]);
});

const free = several.filter(([, { schema }]) => wordsOf(schema).length === 0);

/** Two values that a filter takes whose values are free. */
function valuesOf({ items }: TSchema): string {
  if (items?.pattern?.includes("me|none")) return "me,none";
  return [around.params["tasks"]?.["id"], around.params["organizations"]?.["id"]].join(",");
}

test.each(free)("%s takes two values", async (filter, { operation, name, schema }) => {
  const { status } = await ask(operation, [`${name}=${valuesOf(schema)}`]);
  // Who would search what is not there is told so.
  const refused = ["GET /messages/search conversation_id", "GET /messages/search task_id"].includes(filter);
  expect(status).toBe(refused ? 404 : 200);
});

test("a cursor of one value is no cursor of two", async () => {
  const checked: string[] = [];
  for (const [filter, { operation, name, schema }] of several) {
    const values = wordsOf(schema).length > 0 ? wordsOf(schema).slice(0, 2).join(",") : valuesOf(schema);
    for (const value of values.split(",")) {
      const { body } = await ask(operation, ["limit=1", `${name}=${value}`]);
      if (typeof body["next_cursor"] !== "string") continue;
      const next = ["limit=1", `cursor=${body["next_cursor"]}`];
      expect([filter, (await ask(operation, [...next, `${name}=${value}`])).status]).toEqual([filter, 200]);
      const { status, body: problem } = await ask(operation, [...next, `${name}=${values}`]);
      expect([filter, status, problem["error_code"]]).toEqual([filter, 422, "invalid_cursor"]);
      checked.push(filter);
    }
  }
  expect(checked).toContain("GET /auth/audit actor_id");
  expect(checked).toContain("GET /tasks/:id/logs source");
});

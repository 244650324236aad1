import { describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { httpDeps, send } from "@stoa/testing";
import { controller, createService, type LogFields, operation } from "./index.ts";

const Thing = Type.Object({ title: Type.String() });
const common = { access: "anyone", summary: "Answer", answer: Thing } as const;

/** A service whose handlers answer what was asked for, whatever they declare. */
function serviceIn(environment: "development" | "test" | "production") {
  const errors: LogFields[] = [];
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined };
  const http = httpDeps({ environment, log: { ...log, error: (fields: LogFields) => errors.push(fields) } });
  const wrong = (body: object) => () => body as { title: string };
  const routes = controller(http)
    .get("/good", () => ({ title: "a" }), operation({ id: "test.good", ...common }))
    .get("/missing", wrong({}), operation({ id: "test.missing", ...common }))
    .get("/more", wrong({ title: "a", secret: "hunter2" }), operation({ id: "test.more", ...common }))
    .get("/type", wrong({ title: 7 }), operation({ id: "test.type", ...common }))
    .post("/made", wrong({ title: 7 }), operation({ id: "test.made", ...common, status: 201 }))
    .get("/own", () => new Response("own") as never, operation({ id: "test.own", ...common }));
  const app = createService(http, [routes]);
  return { errors, status: async (method: string, path: string) => (await send(app, method, path)).status };
}

describe.each(["development", "test"] as const)("in %s", (environment) => {
  test.each([
    ["GET", "/missing", "/title"],
    ["GET", "/more", "/secret"],
    ["GET", "/type", "/title"],
    ["POST", "/made", "/title"],
  ])("%s %s is a 500 whose log line names the member and no value", async (method, path, member) => {
    const { errors, status } = serviceIn(environment);
    expect(await status(method, path)).toBe(500);
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(errors)).toContain(`(${member})`);
    expect(JSON.stringify(errors)).not.toContain("hunter2");
  });
  test("what fits, and what a handler answers by itself, is left alone", async () => {
    const { errors, status } = serviceIn(environment);
    expect([await status("GET", "/good"), await status("GET", "/own"), errors]).toEqual([200, 200, []]);
  });
});

test("production answers without a check", async () => {
  const { errors, status } = serviceIn("production");
  expect([await status("GET", "/type"), await status("POST", "/made"), errors]).toEqual([200, 201, []]);
});

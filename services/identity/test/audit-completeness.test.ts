import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { createApp } from "../app.ts";
import type { CorporateDirectory } from "../external/corporate-directory.ts";
import { type Answer, calls, type Prepare, silent } from "./audit-calls.ts";
import { testIdentity } from "./harness.ts";

/** A corporate directory that knows everyone. */
const directory: CorporateDirectory = {
  origin: "https://directory.example",
  authenticate: async ({ username }) => ({ guid: "g-1", ace_user_id: 7, username, verified_email: null }),
};

await using listed = await testIdentity();
const changing = createApp(listed.deps)
  .routes.filter(({ method }) => !["GET", "HEAD", "OPTIONS"].includes(method))
  .map(({ method, path }) => `${method} ${path.replace("/api/v1", "")}`);

test("every route that changes something is called here, or has a reason to leave no row", () => {
  const said = [...Object.keys(calls), ...Object.keys(silent)];
  expect(changing.filter((route) => !said.includes(route))).toEqual([]);
  expect(said.filter((route) => !changing.includes(route))).toEqual([]);
});

test.each(Object.keys(calls))(
  "%s leaves a row with who did it, to whom, from where and in which request",
  async (route) => {
    await using identity = await testIdentity({ directory });
    const prepare = calls[route] as Prepare;
    const { params = [], token, body, type, actor, subject } = await prepare(identity);
    const [method = "", pattern = ""] = route.split(" ");
    const left = [...params];
    const path = pattern.replaceAll(/:\w+/g, () => left.shift() ?? "");
    const headers = {
      "x-request-id": "the-request",
      "user-agent": "Lynx/2.9",
      ...(type !== undefined && { "content-type": type }),
    };
    const answer = await identity.call<Answer>(method, path, { token, body, headers });
    expect([answer.status < 300, answer.text]).toEqual([true, answer.text]);
    // An import answers one JSON document a line, and this one is of one line.
    const told: Answer = type === undefined ? answer.body : JSON.parse(answer.text);

    const rows = await identity.db.query(
      sql`select actor_id, aggregate_id, entity_id, ip_address, device_info from journal where request_id = 'the-request'`,
    );
    const whom = typeof subject === "string" ? subject : subject(told);
    const row = rows.find(({ aggregate_id, entity_id }) => aggregate_id === whom || entity_id === whom);
    expect(row).toBeDefined();
    const who = typeof actor === "function" ? actor(told) : actor;
    expect(rows.map(({ actor_id }) => actor_id)).toContain(who);
    // The addresses of an erased user are erased with them.
    const gone = method === "DELETE" && path.endsWith("/me");
    expect(row).toMatchObject(gone ? { ip_address: null } : { ip_address: "192.0.2.1", device_info: "Lynx/2.9" });
  },
);

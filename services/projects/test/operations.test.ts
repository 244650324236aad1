import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { operationOf } from "@stoa/http/operation";
import { startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const operations = () => {
  const found = world.app.routes.flatMap(({ method, path, hooks }) => {
    const operation = operationOf(hooks);
    return operation && path.startsWith("/api/") ? [{ name: `${method} ${path}`, operation }] : [];
  });
  // Which there are is said by docs/openapi.json (tests/documentation.test.ts).
  if (found.length === 0) throw new Error("No operation was found.");
  return found;
};

describe("every operation", () => {
  test("needs a user, is tagged, and says which errors are its own", () => {
    for (const { name, operation } of operations()) {
      expect([name, operation.access, operation.tags?.length]).toEqual([name, "user", 1]);
      expect([name, (operation.errors ?? []).length > 0]).toEqual([name, true]);
    }
  });

  test("has examples that fit its own schemas", () => {
    for (const { name, operation } of operations()) {
      if (operation.answer) {
        expect([name, ...Value.Errors(operation.answer, operation.example?.answer)]).toEqual([name]);
      }
      if (operation.body) expect([name, ...Value.Errors(operation.body, operation.example?.body)]).toEqual([name]);
    }
  });

  test("without a token is 401, whatever is sent", async () => {
    for (const { name } of operations()) {
      const [method = "", path = ""] = name.replace("/api/v1", "").replace(/:\w+/g, "x").split(" ");
      const { status, headers } = await world.ask(method, path);
      expect([name, status, headers.get("www-authenticate")?.startsWith("Bearer")]).toEqual([name, 401, true]);
    }
  });
});

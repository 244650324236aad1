import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { operationOf } from "@stoa/http/operation";
import { startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const operations = () =>
  world.app.routes.flatMap(({ method, path, hooks }) => {
    const operation = operationOf(hooks);
    return operation && path.startsWith("/api/") ? [{ name: `${method} ${path}`, operation }] : [];
  });

describe("every operation", () => {
  test("is there", () => {
    expect(
      operations()
        .map(({ name }) => name.replace("/api/v1", ""))
        .sort(),
    ).toEqual([
      "DELETE /projects/:id",
      "DELETE /projects/:id/users/:user_id",
      "DELETE /tasks/:id",
      "GET /projects",
      "GET /projects/:id",
      "GET /projects/:id/users",
      "GET /projects/:id/users/:user_id",
      "GET /tasks",
      "GET /tasks/:id",
      "GET /tasks/:id/logs",
      "PATCH /projects/:id",
      "PATCH /tasks/:id",
      "PATCH /tasks/:id/complete",
      "PATCH /tasks/:id/move",
      "POST /projects",
      "POST /projects/:id/restore",
      "POST /projects/:id/users",
      "POST /tasks",
      "POST /tasks/:id/reopen",
      "POST /tasks/:id/restore",
      "PUT /projects/:id",
      "PUT /tasks/:id",
      "PUT /tasks/:id/assignees",
      "PUT /tasks/:id/complete",
      "PUT /tasks/:id/move",
    ]);
  });

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

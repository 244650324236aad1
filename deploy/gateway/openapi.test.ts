import { describe, expect, test } from "bun:test";
import type { OpenApiDocument } from "@stoa/http/docs/index";
import { holdPort } from "@stoa/testing";
import { freshDocument } from "./fresh.ts";
import { differences } from "./openapi.ts";
import { resources, unversioned } from "./routes.ts";

const document: OpenApiDocument = await Bun.file(new URL("../../docs/openapi.json", import.meta.url)).json();
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, made]) => ({ name: `${method.toUpperCase()} ${path}`, path, made })),
);

test("two documents differ by the operations that were added, removed or changed", () => {
  const before = { paths: { "/a": { get: { summary: "A" }, post: { summary: "B" } }, "/b": { get: {} } } };
  const after = { paths: { "/a": { get: { summary: "A" }, post: { summary: "C" } }, "/c": { put: {} } } };
  expect(differences(before, after)).toEqual(["- GET /b", "~ POST /a", "+ PUT /c"]);
  expect(differences(before, before)).toEqual([]);
});

test("a standalone that has just started returns the document of all services", async () => {
  const { paths } = await freshDocument();
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining(["/api/v1/auth/login", "/api/v1/tasks", "/api/v1/messages"]),
  );
}, 40_000);

test("when a port is taken, another is tried", async () => {
  using free = await holdPort();
  await using other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("not Stoa") });
  const ports = [free.port, other.port ?? 0];
  const { paths } = await freshDocument(undefined, () => ports.pop() ?? 0);
  expect(Object.keys(paths)).toContain("/api/v1/auth/login");
  expect(ports).toEqual([]);
}, 40_000);

test("a standalone that does not start is distinguished from a slow one", async () => {
  const failing = new URL("nothing.ts", import.meta.url).pathname;
  await expect(freshDocument(failing)).rejects.toThrow("Standalone ended with 1.");
});

describe("every documented operation", () => {
  test("has a summary, a tag, a success and its errors", () => {
    expect(operations.length).toBeGreaterThan(50);
    for (const { name, made } of operations) {
      expect({ name, summary: made.summary, tags: made.tags?.length }).toEqual({
        name,
        summary: expect.stringMatching(/./),
        tags: expect.any(Number),
      });
      const statuses = Object.keys(made.responses);
      expect({
        name,
        ok: statuses.some((status) => status.match(/^(?:2|101)/) !== null),
        error: statuses.includes("500"),
      }).toEqual({
        name,
        ok: true,
        error: true,
      });
    }
  });

  test("has an example of every request and response body", () => {
    for (const { name, made } of operations) {
      const bodies = [made.requestBody, ...Object.values(made.responses)].flatMap((part) =>
        Object.values(part?.content ?? {}),
      );
      for (const body of bodies)
        expect({ name, shown: "example" in body || "examples" in body }).toEqual({ name, shown: true });
    }
  });

  test("has a unique id, for client generators", () => {
    const ids = operations.map(({ made }) => made.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("is reached through the gateway", () => {
    const prefixes = [
      ...Object.values(resources)
        .flat()
        .map((name) => `/api/v1/${name}`),
      ...Object.keys(unversioned),
      "/health",
    ];
    for (const { path } of operations) {
      expect({ path, reached: prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`)) }).toEqual({
        path,
        reached: true,
      });
    }
  });
});

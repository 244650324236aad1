import { describe, expect, test } from "bun:test";
import { infoOf } from "./info.ts";
import { mergeDocuments } from "./merge.ts";
import type { OpenApiDocument } from "./openapi.ts";

const document: OpenApiDocument = {
  openapi: "3.1.0",
  info: infoOf("Stoa: projects", "1"),
  servers: [{ url: "/" }],
  tags: [{ name: "tasks", description: "Tasks." }],
  paths: { "/api/v1/tasks": { get: { summary: "List tasks", responses: {} } } },
  components: {
    schemas: { Task: { type: "object", properties: { parent: { $ref: "#/components/schemas/Task" } } } },
    headers: { ETag: { description: "The version.", schema: { type: "string" } } },
    examples: { not_found: { value: 404 } },
    securitySchemes: { bearer: { type: "http" } },
  },
};

describe("the merged document", () => {
  const other = (Member: object): OpenApiDocument => ({
    ...document,
    tags: [{ name: "zoo" }],
    paths: {
      "/health": { get: { summary: "Other", responses: {} } },
      "/api/v1/zoo": {
        get: {
          responses: {
            200: {
              description: "",
              content: { "application/json": { schema: { $ref: "#/components/schemas/Task" } } },
            },
          },
        },
      },
    },
    components: {
      ...document.components,
      schemas: {
        Task: { ...Member },
        List: {
          items: { $ref: "#/components/schemas/Task" },
          discriminator: { mapping: { task: "#/components/schemas/Task" } },
        },
      },
    },
  });

  test("holds the paths of all, each once, the first service's first", () => {
    const first = {
      ...document,
      paths: { ...document.paths, "/health": { get: { summary: "First", responses: {} } } },
    };
    const merged = mergeDocuments(
      new Map([
        ["projects", first],
        ["zoo", other({ type: "string" })],
      ]),
      "9",
    );
    expect(Object.keys(merged.paths)).toEqual([...Object.keys(first.paths), "/api/v1/zoo"]);
    expect(merged.paths["/health"]?.["get"]?.summary).toBe("First");
    expect(merged.tags).toEqual([{ name: "tasks", description: "Tasks." }, { name: "zoo" }]);
    expect(Object.keys(merged.components.headers)).toEqual(["ETag"]);
    expect(merged.info.version).toBe("9");
  });

  test("renames what two services call alike and mean differently", () => {
    const merged = mergeDocuments(
      new Map([
        ["projects", document],
        ["zoo", other({ type: "string" })],
      ]),
      "9",
    );
    expect(merged.components.schemas["Task"]).toEqual(document.components.schemas["Task"] ?? {});
    expect(merged.components.schemas["ZooTask"]).toEqual({ type: "string" });
    expect(merged.components.schemas["List"]).toEqual({
      items: { $ref: "#/components/schemas/ZooTask" },
      discriminator: { mapping: { task: "#/components/schemas/ZooTask" } },
    });
    expect(JSON.stringify(merged.paths["/api/v1/zoo"])).toContain("#/components/schemas/ZooTask");
  });

  test("keeps one where they agree", () => {
    const merged = mergeDocuments(
      new Map([
        ["projects", document],
        ["zoo", other(document.components.schemas["Task"] ?? {})],
      ]),
      "9",
    );
    expect(Object.keys(merged.components.schemas)).not.toContain("ZooTask");
  });
});

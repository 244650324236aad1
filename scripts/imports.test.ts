import { describe, expect, test } from "bun:test";
import { cyclesOf } from "./imports/cycles.ts";
import { importsOf } from "./imports/graph.ts";
import { violationsOf } from "./imports/rules.ts";

/** The files that exist in every case, so that imports can be resolved. */
const repository = {
  "shared/errors/index.ts": "",
  "shared/db/index.ts": "",
  "shared/db/file-lock.ts": "",
  "shared/db/engine-bun.ts": 'import "bun:sqlite"',
  "shared/db/engine-edge.ts": "",
  "shared/db/half-bun.ts": "",
  "shared/db/migrations/index.ts": "",
  "shared/bus/index.ts": "",
  "shared/bus/types.ts": "",
  "shared/config/index.ts": "",
  "shared/config/settle.ts": "",
  "shared/testing/index.ts": "",
  "services/identity/app.ts": "",
  "services/projects/app.ts": "",
  "services/projects/main.ts": "",
  "services/projects/start.ts": "",
  "services/projects/deps.ts": "",
  "services/projects/passwords-bun.ts": "",
  "services/projects/test/fixture.ts": "",
  "services/projects/tasks/routes.ts": "",
  "services/projects/tasks/create.ts": "",
  "services/projects/tasks/table.ts": "",
  "services/projects/members/on-user.ts": "",
  "deploy/standalone/main.ts": "",
  "tests/journey.ts": "",
};

function rulesBrokenBy(path: string, text: string, more: Record<string, string> = {}): string[] {
  const imports = importsOf(new Map(Object.entries({ ...repository, ...more, [path]: text })));
  return [...violationsOf(imports), ...cyclesOf(imports)].map(({ rule }) => rule);
}

describe("refused", () => {
  test.each([
    ["Bun in a service", "services/projects/tasks/create.ts", 'import { sql } from "bun"', "portable"],
    ["bun:sqlite in shared/db", "shared/db/index.ts", 'import { Database } from "bun:sqlite"', "portable"],
    ["node: in app.ts", "services/projects/app.ts", 'import { join } from "node:path"', "portable"],
    ["Node without its prefix", "services/projects/app.ts", 'import { readFile } from "fs/promises"', "portable"],
    ["NATS in a slice", "services/projects/tasks/create.ts", 'import { connect } from "nats"', "portable"],
    ["the environment in app.ts", "services/projects/app.ts", 'import "@stoa/config"', "environment"],
    [
      "settings in a slice",
      "services/projects/tasks/a.ts",
      'import type { C } from "@stoa/config/settle"',
      "environment",
    ],
    ["the bus in app.ts", "services/projects/app.ts", 'import { tail } from "@stoa/bus"', "portable"],
    [
      "a type of the bus's inside in a slice",
      "services/projects/tasks/create.ts",
      'import type { T } from "@stoa/bus"',
      "portable",
    ],
    ["a file for Bun through its package", "shared/errors/index.ts", 'import "@stoa/db/file-lock"', "portable"],
    ["a file for Bun in edge.ts", "services/projects/edge.ts", 'import "./passwords-bun.ts"', "portable"],
    ["start.ts in edge.ts", "services/projects/edge.ts", 'import "./start.ts"', "portable"],
    ["Bun in edge.ts", "services/projects/edge.ts", 'import "bun"', "portable"],
    ["Workers in app.ts", "services/projects/app.ts", 'import { env } from "cloudflare:workers"', "portable"],
    ["a dynamic import", "services/projects/app.ts", 'await import("node:fs")', "portable"],
    ["an import in a type", "services/projects/app.ts", 'export type A = import("node:fs").Stats', "portable"],
    ["a re-export", "services/projects/app.ts", 'export * from "node:fs"', "portable"],
    ["a named re-export", "services/projects/app.ts", 'export { join } from "node:path"', "portable"],
    ["a service in shared/", "shared/config/load.ts", 'import "@stoa/projects/app"', "downwards"],
    ["deploy/ in shared/", "shared/config/load.ts", 'import "../../deploy/standalone/main.ts"', "downwards"],
    ["tests/ in a service's test", "services/projects/a.test.ts", 'import "../../tests/journey.ts"', "downwards"],
    ["another service", "services/projects/main.ts", 'import "@stoa/identity/app"', "one-service"],
    ["another service in a test", "services/projects/a.test.ts", 'import "@stoa/identity/app"', "one-service"],
    ["a neighbour's routes", "services/projects/members/add.ts", 'import "../tasks/routes.ts"', "slices"],
    [
      "a neighbour's routes as a type",
      "services/projects/members/add.ts",
      'import type { R } from "../tasks/routes.ts"',
      "slices",
    ],
    ["a neighbour's reaction", "services/projects/tasks/routes.ts", 'import "../members/on-user.ts"', "slices"],
    ["app.ts in a slice", "services/projects/tasks/create.ts", 'import type { Deps } from "../app.ts"', "slices"],
    ["test help in a program", "services/projects/main.ts", 'import "@stoa/testing"', "testing"],
    ["a test's file in a program", "services/projects/main.ts", 'import "./test/fixture.ts"', "no-test-code"],
    ["NATS outside of the bus", "services/projects/main.ts", 'import "nats"', "nats"],
    ["a path into another package", "services/projects/main.ts", 'import "../../shared/config/index.ts"', "by-name"],
    ["a file that does not exist", "services/projects/main.ts", 'import "./gone.ts"', "exists"],
    ["a package that does not exist", "services/projects/main.ts", 'import "@stoa/gone"', "exists"],
    ["a file for Bun without its twin for Workers", "shared/db/index.ts", 'import "#half"', "exists"],
    ["a file for Workers without its twin for Bun", "shared/db/index.ts", 'import "#gone"', "exists"],
    ["itself", "services/projects/deps.ts", 'import "./deps.ts"', "no-cycles"],
  ])("%s", (_what, path, text, rule) => {
    expect(rulesBrokenBy(path, text)).toContain(rule);
  });

  test("a cycle of files, even of types, is reported with all its files", () => {
    const files = {
      "shared/db/a.ts": 'import { b } from "./b.ts"',
      "shared/db/b.ts": 'export * from "./c.ts"',
      "shared/db/c.ts": 'import type { A } from "./a.ts"',
    };
    const found = cyclesOf(importsOf(new Map(Object.entries(files))));
    expect(found.map(({ message }) => message)).toEqual([
      "is part of a cycle: shared/db/a.ts → shared/db/b.ts → shared/db/c.ts → shared/db/a.ts",
    ]);
  });

  test("a cycle of packages without a cycle of files", () => {
    const files = { "shared/errors/a.ts": 'import "@stoa/db"', "shared/db/b.ts": 'import "@stoa/errors"' };
    const found = cyclesOf(importsOf(new Map(Object.entries({ ...repository, ...files }))));
    expect(found.map(({ at }) => at)).toEqual(["shared/errors"]);
  });
});

describe("allowed", () => {
  test.each([
    ["a neighbour's verb", "services/projects/members/add.ts", 'import "../tasks/create.ts"'],
    ["a neighbour's table", "services/projects/members/add.ts", 'import "../tasks/table.ts"'],
    ["a service's common files in a slice", "services/projects/tasks/create.ts", 'import type { D } from "../deps.ts"'],
    ["a slice's routes in app.ts", "services/projects/app.ts", 'import "./tasks/routes.ts"'],
    ["app.ts in a slice's test", "services/projects/tasks/create.test.ts", 'import "../app.ts"'],
    ["libraries everywhere", "services/projects/app.ts", 'import { Elysia } from "elysia"'],
    ["the bus's portable files", "services/projects/members/on-user.ts", 'import { on } from "@stoa/bus/types"'],
    ["a folder by its name", "services/projects/app.ts", 'import "@stoa/db/migrations"'],
    ["Bun and the environment in main.ts", "services/projects/main.ts", 'import "bun"; import "@stoa/config"'],
    ["files for Bun in start.ts", "services/projects/start.ts", 'import "./passwords-bun.ts"; import "@stoa/bus"'],
    ["settings in edge.ts", "services/projects/edge.ts", 'import "@stoa/config/settle"'],
    ["Workers in edge.ts", "services/projects/edge.ts", 'import { env } from "cloudflare:workers"'],
    ["test help in tests", "services/projects/tasks/create.test.ts", 'import "@stoa/testing"; import "node:fs"'],
    ["services in deploy/", "deploy/standalone/main.ts", 'import "@stoa/identity/app"'],
    ["NATS in the bus", "shared/bus/nats.ts", 'import "nats"'],
    ["a file that is another one in Workers", "shared/db/index.ts", 'import "#engine"'],
    ["JSON beside the code", "services/projects/app.ts", 'import json from "./openapi.json"'],
    [
      "a word that only looks like an import",
      "services/projects/app.ts",
      `const text = 'import "bun"'; // import "bun"`,
    ],
  ])("%s", (_what, path, text) => {
    expect(rulesBrokenBy(path, text)).toEqual([]);
  });
});

test("a file that cannot be parsed is named", () => {
  expect(() => importsOf(new Map([["shared/db/bad.ts", "const = 1"]]))).toThrow("shared/db/bad.ts cannot be parsed");
});

test("an import has its line number", () => {
  expect(importsOf(new Map([["shared/db/a.ts", '\n\nimport "nats"']]))[0]?.line).toBe(3);
});

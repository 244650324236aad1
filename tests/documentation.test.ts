import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { catalogue } from "@stoa/errors";
import { type ServiceName, services } from "@stoa/events";
import { describeService, mergeDocuments, type OpenApiDocument, type OperationObject } from "@stoa/http/docs";
import published from "../docs/openapi.json" with { type: "json" };
import { type Operation, operationsOf } from "./routes/operations.ts";
import { type Stoa, startStoa } from "./routes/stoa.ts";

/** The OpenAPI document of all services: every operation describes its request, its responses and its errors. */
let stoa: Stoa;
let document: OpenApiDocument;
let operations: readonly Operation[];
beforeAll(async () => {
  stoa = await startStoa();
  operations = operationsOf(stoa.apps);
  const described = async (service: ServiceName) =>
    [service, await describeService(stoa.apps[service].routes, { service, version: "0.0.0" })] as const;
  document = mergeDocuments(new Map(await Promise.all(services.map(described))), "0.0.0");
});
afterAll(() => stoa[Symbol.asyncDispose]());

/** What is wrong with the operations, a line for each fault. */
function faults(check: (operation: Operation, documented: OperationObject) => readonly (string | false)[]): string[] {
  return operations.flatMap((operation) => {
    const { name, path, method } = operation;
    const documented = document.paths[path.replaceAll(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()];
    if (!documented) return [`${name} is not documented`];
    return check(operation, documented).flatMap((fault) => (fault === false ? [] : [`${name} ${fault}`]));
  });
}

describe("every operation", () => {
  test("is documented, with a summary, a listed tag and a unique id", () => {
    const tags = new Set(document.tags.map(({ name }) => name));
    const wrong = faults((_, { summary = "", tags: own = [] }) => [
      !/^[A-Z].{3,}[^.]$/.test(summary) && `has the summary "${summary}"`,
      own.length !== 1 && `has ${own.length} tags`,
      !own.every((tag) => tags.has(tag) && /^[a-z ]+$/.test(tag)) && `has the tag ${own.join(", ")}`,
    ]);
    expect(wrong).toEqual([]);
    const ids = Object.values(document.paths).flatMap((methods) => Object.values(methods).map((o) => o.operationId));
    expect(ids).toEqual([...new Set(ids)]);
  });

  test("is in docs/openapi.json, which has no other operation", () => {
    const namesOf = (of: Pick<OpenApiDocument, "paths">) =>
      Object.entries(of.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
    expect(namesOf(document).sort()).toEqual(namesOf(published as OpenApiDocument).sort());
  });

  test("says whether it needs a token", () => {
    const wrong = faults(({ spec }, { security }) => [
      JSON.stringify(security) !== (spec.access === "anyone" ? "[]" : '[{"bearer":[]}]') &&
        `has the security ${JSON.stringify(security)}`,
    ]);
    expect(wrong).toEqual([]);
  });

  test("has one success status, and the errors that every request can get", () => {
    const wrong = faults(({ spec, method }, { responses }) => {
      const statuses = Object.keys(responses).map(Number);
      const needed = [
        422,
        500,
        503,
        ...(spec.access === "anyone" ? [] : [401]),
        ...(spec.limit === "none" ? [] : [429]),
      ];
      if (spec.params) needed.push(404);
      if (spec.access === "superuser") needed.push(403);
      if (method !== "GET") needed.push(413);
      if (spec.body) needed.push(400, 415);
      return [
        statuses.filter((status) => status < 300).length !== 1 && `answers ${statuses.join(", ")}`,
        ...needed.map((status) => !statuses.includes(status) && `does not say ${status}`),
      ];
    });
    expect(wrong).toEqual([]);
  });

  test("has an example of its request and of every response with a body", () => {
    const wrong = faults((_, { requestBody, responses }) => {
      const takes = Object.entries(requestBody?.content ?? {});
      const answers = Object.entries(responses).flatMap(([status, { content }]) => {
        const shown = Object.values(content ?? {});
        const empty = status === "204" || status === "202";
        return empty || shown.length > 0 ? shown.map((it) => [status, it] as const) : [[status, {}] as const];
      });
      return [...takes, ...answers].map(
        ([what, { example, examples }]) =>
          example === undefined && Object.keys(examples ?? {}).length === 0 && `shows no example of ${what}`,
      );
    });
    expect(wrong).toEqual([]);
  });

  test("has examples that match its schemas", () => {
    const wrong = faults(({ spec }) => {
      const { body, answer } = spec.example ?? {};
      const errors = [
        ...(spec.body && body !== undefined ? Value.Errors(spec.body, body) : []),
        ...(spec.answer && answer !== undefined ? Value.Errors(spec.answer, answer) : []),
      ];
      return errors.map(({ path, message }) => `shows ${path}: ${message}`);
    });
    expect(wrong).toEqual([]);
  });

  test("names every parameter of its path", () => {
    const wrong = faults(({ path }, { parameters = [] }) =>
      [...path.matchAll(/:(\w+)/g)].map(
        ([, name]) => !parameters.some((one) => one.in === "path" && one.name === name) && `does not name ${name}`,
      ),
    );
    expect(wrong).toEqual([]);
  });
});

test("every error code that is documented is in the catalogue, with a sentence", () => {
  for (const [code, { value }] of Object.entries(document.components.examples)) {
    expect(Object.hasOwn(catalogue, code)).toBe(true);
    expect(value).toMatchObject({ error_code: code, detail: expect.stringMatching(/^[A-Z].{9,}\.$/) });
  }
});

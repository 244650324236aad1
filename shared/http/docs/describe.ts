import { swagger } from "@elysiajs/swagger";
import type { ErrorCode } from "@stoa/errors";
import { type AnyElysia, Elysia } from "elysia";
import { type OperationSpec, operationOf } from "../operation.ts";
import type { Content, OpenApiDocument, OperationObject, Parameter, Schema } from "./openapi.ts";
import { errorCodes, headerParameters, problemExample, problemSchema, responsesOf } from "./responses.ts";
import { sample } from "./sample.ts";
import { tidy } from "./tidy.ts";

/** What a document says of a service. */
export interface ServiceInfo {
  readonly service: string;
  readonly version: string;
}

/**
 * The OpenAPI document of a service, from the operations that its routes declare.
 *
 * `@elysiajs/swagger` reads schemas from Elysia's hooks, where ours are not (the macro `operation` validates by them instead),
 * so it is shown the same routes with their schemas on an app that is never asked anything else.
 */
export async function describeService(routes: AnyElysia["routes"], info: ServiceInfo): Promise<OpenApiDocument> {
  const operations = routes.flatMap(({ method, path, hooks }) => {
    const spec = operationOf(hooks);
    return spec ? [{ method, path, spec }] : [];
  });
  const shown = new Elysia({ aot: false, normalize: false }).use(swagger({ excludeStaticFile: false }));
  for (const { method, path, spec } of operations) shown.route(method, path, () => null, hookOf(spec));
  const response = await shown.handle(new Request("http://stoa.internal/swagger/json"));
  const { paths } = (await response.json()) as { paths: Record<string, Record<string, OperationObject>> };
  const schemas = new Map<string, Schema>([["Problem", problemSchema]]);
  const codes = new Set<ErrorCode>();
  for (const { method, path, spec } of operations) {
    const made = paths[path.replaceAll(/:([^/?]+)\??/g, "{$1}")];
    const key = method.toLowerCase();
    if (!made?.[key]) throw new Error(`${method} ${path} is missing in the document that the plugin made.`);
    for (const code of errorCodes({ method, spec })) codes.add(code);
    made[key] = finish(made[key], { method, spec }, schemas);
  }
  return {
    openapi: "3.1.0",
    info: { title: titleOf(info.service), version: info.version, description: "Errors are listed at /docs/errors." },
    servers: [{ url: "/" }],
    tags: tagsOf(paths),
    paths: sorted(paths),
    components: {
      schemas: Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1))),
      examples: Object.fromEntries([...codes].sort().map((code) => [code, problemExample(code)])),
      securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
  };
}

function hookOf(spec: OperationSpec) {
  return {
    detail: {
      summary: spec.summary,
      tags: [...(spec.tags ?? [])],
      ...(spec.description === undefined ? {} : { description: spec.description }),
    },
    ...(spec.body && { body: spec.body }),
    ...(spec.query && { query: spec.query }),
    ...(spec.params && { params: spec.params }),
  };
}

/** What the plugin knows nothing of: one media type, examples, errors, headers, and who may call. */
function finish(
  made: OperationObject,
  described: { method: string; spec: OperationSpec },
  schemas: Map<string, Schema>,
) {
  const { spec } = described;
  const parameters = [
    ...(made.parameters ?? []).map(
      ({ schema, ...parameter }): Parameter => ({
        ...parameter,
        ...(parameter.in === "path" ? { required: true } : {}),
        schema: tidy(schema, schemas),
      }),
    ),
    ...headerParameters(described),
  ];
  const answer = spec.answer
    ? contentOf(spec.answer, "application/json", spec.example?.answer, schemas)
    : unchecked(spec);
  const finished: OperationObject = {
    ...made,
    parameters,
    responses: responsesOf(described, answer),
    security: spec.access === "anyone" ? [] : [{ bearer: [] }],
  };
  if (spec.body) {
    const content = contentOf(spec.body, spec.mediaType ?? "application/json", spec.example?.body, schemas);
    finished.requestBody = { required: true, content };
  }
  return finished;
}

function contentOf(schema: Schema, mediaType: string, example: unknown, schemas: Map<string, Schema>): Content {
  return { [mediaType]: { schema: tidy(schema, schemas), example: example ?? sample(schema) } };
}

/** An answer that no schema describes: its example alone. */
function unchecked({ example, produces = "application/json" }: OperationSpec): Content | undefined {
  return example?.answer === undefined ? undefined : { [produces]: { example: example.answer } };
}

function titleOf(service: string): string {
  return `Stoa: ${service}`;
}

function tagsOf(paths: OpenApiDocument["paths"]): { name: string }[] {
  const names = Object.values(paths).flatMap((methods) => Object.values(methods).flatMap(({ tags }) => tags ?? []));
  return [...new Set(names)].sort().map((name) => ({ name }));
}

function sorted(paths: OpenApiDocument["paths"]): OpenApiDocument["paths"] {
  return Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1)));
}

import { OptionalKind, type TObject, type TSchema } from "@sinclair/typebox";
import type { ErrorCode } from "@stoa/errors";
import { type AnyElysia, Elysia } from "elysia";
import { FORM } from "../form.ts";
import { type OperationSpec, operationOf } from "../operation.ts";
import { describeSchema } from "./describe-schema.ts";
import type { Described } from "./described.ts";
import { answerHeaders, headerParameters } from "./headers.ts";
import { aboutTag, infoOf, inOrder, securitySchemesOf } from "./info.ts";
import type {
  Content,
  OpenApiDocument,
  OperationObject,
  Parameter,
  ResponseObject,
  Schema,
  TagObject,
} from "./openapi.ts";
import { problemExample } from "./problems.ts";
import { responsesOf } from "./responses.ts";
import { sample } from "./sample.ts";

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
  const operations = routes.flatMap(({ method, path, hooks }): DescribedRoute[] => {
    const spec = operationOf(hooks);
    return spec ? [{ method, path: path.replaceAll(/:([^/?]+)\??/g, "{$1}"), route: path, spec }] : [];
  });
  // It loads themes of pages that nobody sees here, so a start does without it.
  const { swagger } = await import("@elysiajs/swagger");
  const shown = new Elysia({ aot: false, normalize: false }).use(swagger({ excludeStaticFile: false }));
  for (const { method, route, spec } of operations) shown.route(method, route, () => null, hookOf(spec));
  const response = await shown.handle(new Request("http://stoa.internal/swagger/json"));
  const { paths } = (await response.json()) as { paths: Record<string, Record<string, OperationObject>> };
  const schemas = new Map<string, Schema>();
  for (const operation of operations) {
    const { method, path } = operation;
    const made = paths[path];
    const key = method.toLowerCase();
    if (!made?.[key]) throw new Error(`${method} ${path} is missing in the document that the plugin made.`);
    made[key] = finish(made[key], operation, operations, schemas);
  }
  return {
    openapi: "3.1.0",
    info: infoOf(`Stoa: ${info.service}`, info.version),
    servers: [{ url: "/" }],
    tags: tagsOf(paths),
    paths: sorted(paths),
    components: {
      schemas: Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1))),
      headers: headersIn(paths),
      examples: examplesIn(paths),
      securitySchemes: securitySchemesOf(operations.map(({ spec }) => spec)),
    },
  };
}

interface DescribedRoute extends Described {
  /** As Elysia writes it: `/api/v1/tasks/:id`. */
  readonly route: string;
}

function hookOf(spec: OperationSpec) {
  return {
    detail: { operationId: spec.id, summary: spec.summary, tags: [...(spec.tags ?? [])] },
    ...(spec.body && { body: spec.body }),
    ...(spec.query && { query: spec.query }),
    ...(spec.params && { params: spec.params }),
  };
}

/** What the plugin knows nothing of: one media type, examples, errors, headers, and who may call. */
function finish(
  made: OperationObject,
  described: DescribedRoute,
  all: readonly DescribedRoute[],
  schemas: Map<string, Schema>,
): OperationObject {
  const { spec } = described;
  const description = descriptionOf(spec, all);
  const parameters = [
    ...(made.parameters ?? []).map(
      ({ schema, ...parameter }): Parameter => ({
        ...parameter,
        ...(parameter.in === "path" ? { required: true } : {}),
        ...(schema["type"] === "array" ? { explode: false } : {}),
        schema: describeSchema(schema, schemas),
      }),
    ),
    ...headerParameters(described),
  ];
  const finished: OperationObject = {
    ...made,
    ...(description !== "" && { description }),
    ...(spec.deprecated !== undefined && { deprecated: true }),
    parameters,
    responses: responsesOf(described, answerOf(spec, schemas), schemas),
    security: securityOf(spec),
  };
  if (spec.body) {
    const content = contentOf(spec.body, spec.mediaType ?? "application/json", spec.example?.body, schemas);
    if (spec.form) Object.assign(content, contentOf(withForm(spec.body, spec.form), FORM, spec.example?.body, schemas));
    finished.requestBody = { required: spec.body[OptionalKind] !== "Optional", content };
  }
  return finished;
}

/** The body as a form: its own fields and those of the form. */
function withForm(body: TSchema, form: TObject): TSchema {
  const required = [body, form].flatMap((schema): string[] => (schema["required"] as string[] | undefined) ?? []);
  const properties = { ...(body["properties"] as object), ...form.properties };
  return { ...form, properties, required };
}

/** The operation's description; of a deprecated one it begins with what to call instead. */
function descriptionOf({ id, description = "", deprecated }: OperationSpec, all: readonly DescribedRoute[]): string {
  if (deprecated === undefined) return description;
  const instead = all.find(({ spec }) => spec.id === deprecated);
  if (!instead) throw new Error(`${id} is deprecated for ${deprecated}, which is no operation.`);
  const hint = `Deprecated: call \`${instead.method} ${instead.path}\` (\`${deprecated}\`) instead.`;
  return description === "" ? hint : `${hint}\n\n${description}`;
}

function securityOf({ access, ticket = false }: OperationSpec): Record<string, string[]>[] {
  if (ticket) return [{ bearer: [] }, { password: [] }, { ticket: [] }];
  return access === "anyone" ? [] : [{ bearer: [] }, { password: [] }];
}

function answerOf(spec: OperationSpec, schemas: Map<string, Schema>): Content | undefined {
  const mediaType = spec.produces ?? "application/json";
  const schema = spec.answer ?? spec.documented;
  const example = spec.example?.answer;
  if (schema) return { ...contentOf(schema, mediaType, example, schemas), ...textsOf(spec.alsoProduces) };
  return example === undefined ? undefined : { [mediaType]: { example } };
}

function textsOf(examples: OperationSpec["alsoProduces"] = {}): Content {
  return Object.fromEntries(
    Object.entries(examples).map(([mediaType, example]) => [mediaType, { schema: { type: "string" }, example }]),
  );
}

function contentOf(schema: Schema, mediaType: string, example: unknown, schemas: Map<string, Schema>): Content {
  return { [mediaType]: { schema: describeSchema(schema, schemas), example: example ?? sample(schema) } };
}

function tagsOf(paths: OpenApiDocument["paths"]): TagObject[] {
  const names = Object.values(paths).flatMap((methods) => Object.values(methods).flatMap(({ tags }) => tags ?? []));
  return inOrder([...new Set(names)].map(aboutTag));
}

function responsesIn(paths: OpenApiDocument["paths"]): ResponseObject[] {
  return Object.values(paths).flatMap((methods) =>
    Object.values(methods).flatMap((made): ResponseObject[] => Object.values(made.responses)),
  );
}

/** The headers that some answer has. */
function headersIn(paths: OpenApiDocument["paths"]): OpenApiDocument["components"]["headers"] {
  const used = new Set(responsesIn(paths).flatMap(({ headers }) => Object.keys(headers ?? {})));
  return Object.fromEntries(Object.entries(answerHeaders).filter(([name]) => used.has(name)));
}

/** The errors that some answer refers to, by code. */
function examplesIn(paths: OpenApiDocument["paths"]): OpenApiDocument["components"]["examples"] {
  const shown = responsesIn(paths).flatMap(({ content }) =>
    Object.values(content ?? {}).flatMap(({ examples }) => Object.entries(examples ?? {})),
  );
  const codes = new Set(shown.flatMap(([code, example]) => ("$ref" in example ? [code] : [])));
  return Object.fromEntries(
    [...codes].sort().map((code) => [code, { value: problemExample(code as ErrorCode, "/api/v1/tasks") }]),
  );
}

function sorted(paths: OpenApiDocument["paths"]): OpenApiDocument["paths"] {
  return Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1)));
}

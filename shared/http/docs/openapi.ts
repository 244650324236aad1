/** A JSON Schema, or a reference to one. */
export type Schema = Readonly<Record<string, unknown>>;

/** A body by media type. */
export interface Content {
  readonly [mediaType: string]: {
    schema?: Schema;
    example?: unknown;
    examples?: Record<string, { $ref: string } | { value: unknown }>;
  };
}

/** An answer of an operation. */
export interface ResponseObject {
  description: string;
  headers?: Record<string, { $ref: string }>;
  content?: Content;
}

/** A parameter of an operation. */
export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  description?: string;
  /** False: a list is one parameter with commas, not one for each item. */
  explode?: boolean;
  schema: Schema;
}

/** An operation, as far as Stoa writes it. */
export interface OperationObject {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  deprecated?: boolean;
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, ResponseObject>;
  security?: Record<string, string[]>[];
}

/** A header of an answer. */
export interface HeaderObject {
  description: string;
  schema: Schema;
  example?: unknown;
}

/** What a document shares between its operations. */
export interface Components {
  schemas: Record<string, Schema>;
  headers: Record<string, HeaderObject>;
  examples: Record<string, { value: unknown }>;
  securitySchemes: Record<string, Schema>;
}

/** What a document is about. */
export interface InfoObject {
  title: string;
  version: string;
  description: string;
  license: { name: string; identifier: string };
  contact: { name: string };
}

/** A group of operations. */
export interface TagObject {
  name: string;
  description?: string;
}

/**
 * An OpenAPI document.
 *
 * Source: OpenAPI 3.1.0, which takes JSON Schema as it is: null, const and all that TypeBox writes.
 */
export interface OpenApiDocument {
  openapi: "3.1.0";
  info: InfoObject;
  servers: { url: string }[];
  tags: TagObject[];
  paths: Record<string, Record<string, OperationObject>>;
  components: Components;
}

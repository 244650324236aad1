import { type TProperties, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { describe, type ErrorCode } from "@stoa/errors";
import { errorCodes } from "@stoa/http/docs/described";
import { answerHeaders, headersOf } from "@stoa/http/docs/headers";
import { membersOf } from "@stoa/http/docs/problems";
import { strict } from "@stoa/http/strict";
import { type Answer as SentAnswer, send } from "@stoa/testing";
import type { AnyElysia } from "elysia";
import type { Operation } from "./operations.ts";
import type { Stoa } from "./stoa.ts";

/** The contents of a request. */
export interface Sending {
  /** An access token. */
  readonly token?: string | null | undefined;
  /** The values of the path's parameters, already encoded. */
  readonly params?: Readonly<Record<string, string>>;
  /** The query string without the question mark. */
  readonly search?: string;
  /** A body that is sent as JSON. */
  readonly json?: unknown;
  /** A body that is sent as it is. */
  readonly raw?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  /** Additional headers; null removes one that every such request has. */
  readonly headers?: Readonly<Record<string, string | null>>;
}

/** A response of any operation. An empty body is read as an object without members. */
export type Answer = SentAnswer<Record<string, unknown>>;

/**
 * Asks operations, and remembers what they answered with that they do not declare: an error code, a header, a problem
 * document without its members, a body of another shape.
 */
export class Caller {
  readonly undeclared = new Set<string>();
  answers = 0;
  readonly #stoa: Stoa;

  constructor(stoa: Stoa) {
    this.#stoa = stoa;
  }

  /**
   * Sends a request to an operation.
   *
   * @param apps the services; by default those without rate limits
   */
  async ask(operation: Operation, sending: Sending = {}, apps = this.#stoa.apps): Promise<Answer> {
    const path = operation.path.replaceAll(/:(\w+)/g, (_, name: string) => sending.params?.[name] ?? "unknown");
    const answer = await this.send(apps[operation.service], operation.method, path, sending);
    for (const what of undeclaredIn(operation, answer)) this.undeclared.add(`${operation.name}: ${what}`);
    return answer;
  }

  /** Sends any request to any path. */
  async send(app: AnyElysia, method: string, path: string, sending: Sending = {}): Promise<Answer> {
    const { token, search, json, raw, headers } = sending;
    this.answers++;
    const hasBody = json !== undefined || raw !== undefined;
    const all = { ...(hasBody && { "content-type": "application/json" }), ...headers };
    const answer = await send<Record<string, unknown> | null>(
      app,
      method,
      `${path}${search === undefined ? "" : `?${search}`}`,
      { token, raw: json === undefined ? raw : JSON.stringify(json), headers: present(all) },
    );
    return { ...answer, body: answer.body ?? {} };
  }
}

function undeclaredIn(operation: Operation, answer: Answer): string[] {
  const { status, headers, body } = answer;
  const codes = errorCodes(operation);
  const code = codes.find((declared) => declared === body["error_code"]);
  if (typeof body["error_code"] === "string" && code === undefined) return [body["error_code"]];
  const declared = headersOf(operation, status, code ? codes.filter((one) => statusOf(one) === status) : []);
  const surplus = Object.keys(answerHeaders).filter(
    (name) => headers.has(name) && !declared.some((one) => one === name),
  );
  const missing = declared.filter((name) => always.has(name) && status < 300 && !headers.has(name));
  const members = code && membersOf(operation.spec, code);
  return [
    ...surplus.map((name) => `${status} with ${name}`),
    ...missing.map((name) => `${status} without ${name}`),
    ...(status < 300 && !comesAsDeclared(operation, answer) ? [`${status} as ${headers.get("content-type")}`] : []),
    ...(status < 300 && !isDocumented(operation, answer) ? [`${status} with another body`] : []),
    ...(isKept(operation, answer) ? [`${status} with Cache-Control: ${headers.get("cache-control")}`] : []),
    ...(members && !Value.Check(Type.Object(members.properties as TProperties), body)
      ? [`${code} without members`]
      : []),
  ];
}

/** Whether a cache could give an answer that takes a token to somebody else, or without asking again. */
function isKept({ spec: { access, secret } }: Operation, { headers }: Answer): boolean {
  if (secret) return headers.get("cache-control") !== "no-store";
  return access !== "anyone" && !["no-store", "private, no-cache"].includes(headers.get("cache-control") ?? "");
}

/** Whether a success has a media type that its operation declares. */
function comesAsDeclared({ spec }: Operation, { headers, text }: Answer): boolean {
  const [type = ""] = headers.get("content-type")?.split(";") ?? [];
  const { produces = "application/json", alsoProduces = {} } = spec;
  return text === "" || type === produces || Object.hasOwn(alsoProduces, type);
}

/** Whether a success that nothing checks is as its operation documents it: one document, or one on each line. */
function isDocumented({ spec: { documented, produces } }: Operation, { body, text }: Answer): boolean {
  if (!documented || text === "") return true;
  const bodies = produces?.endsWith("ndjson")
    ? text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
    : [body];
  return bodies.every((one) => Value.Check(strict(documented), one));
}

/** The headers that a success always has where they are declared. */
const always: ReadonlySet<string> = new Set(["ETag", "Location"]);

const statusOf = (code: ErrorCode) => describe(code).status;

function present(headers: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}

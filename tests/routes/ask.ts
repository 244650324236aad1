import { type TProperties, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { describe, type ErrorCode } from "@stoa/errors";
import { closed } from "@stoa/http/closed";
import { errorCodes } from "@stoa/http/docs/described";
import { answerHeaders, headersOf as declaredHeaders } from "@stoa/http/docs/headers";
import { membersOf } from "@stoa/http/docs/problems";
import type { AnyElysia } from "elysia";
import type { Operation } from "./operations.ts";
import type { Stoa } from "./stoa.ts";

/** What a request carries. */
export interface Sending {
  /** An access token. */
  readonly token?: string | null | undefined;
  /** The values of the path's parameters, as they stand in it: encoded. */
  readonly params?: Readonly<Record<string, string>>;
  /** What follows the question mark. */
  readonly search?: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly raw?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  /** Null: not even the one that every request of its kind has. */
  readonly headers?: Readonly<Record<string, string | null>>;
}

/** An answer, read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed, when it is JSON. */
  readonly body: Record<string, unknown>;
}

/**
 * Asks operations, and remembers what they answered with that they do not declare: an error code, a header, a problem
 * document without its members.
 */
export class Asker {
  readonly undeclared = new Set<string>();
  answers = 0;
  readonly #stoa: Stoa;

  constructor(stoa: Stoa) {
    this.#stoa = stoa;
  }

  /** Asks an operation. @param apps others than those without limits */
  async ask(operation: Operation, sending: Sending = {}, apps = this.#stoa.apps): Promise<Answer> {
    const path = operation.path.replaceAll(/:(\w+)/g, (_, name: string) => sending.params?.[name] ?? "unknown");
    const answer = await this.send(apps[operation.service], operation.method, path, sending);
    for (const what of undeclaredIn(operation, answer)) this.undeclared.add(`${operation.name}: ${what}`);
    return answer;
  }

  /** Sends anything anywhere. */
  async send(app: AnyElysia, method: string, path: string, sending: Sending = {}): Promise<Answer> {
    const { token, search, json, raw, headers } = sending;
    const body = json === undefined ? raw : JSON.stringify(json);
    this.answers++;
    const response: Response = await app.handle(
      new Request(`http://stoa.test${path}${search === undefined ? "" : `?${search}`}`, {
        method,
        headers: headersOf({
          ...(typeof token === "string" && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        }),
        ...(body !== undefined && { body }),
      }),
    );
    return answerOf(response);
  }
}

function undeclaredIn(operation: Operation, answer: Answer): string[] {
  const { status, headers, body } = answer;
  const codes = errorCodes(operation);
  const code = codes.find((declared) => declared === body["error_code"]);
  if (typeof body["error_code"] === "string" && code === undefined) return [body["error_code"]];
  const declared = declaredHeaders(operation, status, code ? codes.filter((one) => statusOf(one) === status) : []);
  const surplus = Object.keys(answerHeaders).filter(
    (name) => headers.has(name) && !declared.some((one) => one === name),
  );
  const missing = declared.filter((name) => always.has(name) && status < 300 && !headers.has(name));
  const members = code && membersOf(operation.spec, code);
  return [
    ...surplus.map((name) => `${status} with ${name}`),
    ...missing.map((name) => `${status} without ${name}`),
    ...(status < 300 && !isDocumented(operation, answer) ? [`${status} with another body`] : []),
    ...(members && !Value.Check(Type.Object(members.properties as TProperties), body)
      ? [`${code} without members`]
      : []),
  ];
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
  return bodies.every((one) => Value.Check(closed(documented), one));
}

/** The headers that a success always has where they are declared. */
const always: ReadonlySet<string> = new Set(["ETag", "Location"]);

const statusOf = (code: ErrorCode) => describe(code).status;

function headersOf(given: Readonly<Record<string, string | null>>): [string, string][] {
  return Object.entries(given).flatMap(([name, value]): [string, string][] => (value === null ? [] : [[name, value]]));
}

async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const type = headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream")) {
    await response.body?.cancel();
    return { status, headers, text: "", body: {} };
  }
  const text = await response.text();
  const body = /^application\/(?:problem\+)?json/.test(type) && text !== "" ? JSON.parse(text) : {};
  return { status, headers, text, body };
}

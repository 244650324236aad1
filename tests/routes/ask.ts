import { errorCodes } from "@stoa/http/docs/responses";
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

/** A response whose body was read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body, when it is JSON. */
  readonly body: Record<string, unknown>;
}

/** Sends requests to operations, and collects the error codes that they answer without declaring them. */
export class Asker {
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
    const code = answer.body["error_code"];
    if (typeof code === "string" && !errorCodes(operation).some((declared) => declared === code)) {
      this.undeclared.add(`${operation.name}: ${code}`);
    }
    return answer;
  }

  /** Sends any request to any path. */
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

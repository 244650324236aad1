import { errorCodes } from "@stoa/http/docs/responses";
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

function present(headers: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}

import type { Principal } from "@stoa/auth";
import { type ErrorCode, StoaError } from "@stoa/errors";
import { httpDeps } from "@stoa/testing/http-deps";
import { send } from "@stoa/testing/send";
import type { AnyElysia } from "elysia";
import { createService, type HttpDeps, type LogFields } from "../index.ts";
import type { Envelope } from "../older.ts";

/** What `Bearer <name>` speaks for. */
export const people: Readonly<Record<string, Principal>> = {
  ann: person("ann", { roles: ["editor"] }),
  bob: person("bob", {}),
  root: person("root", { is_superuser: true }),
};

function person(username: string, rest: Partial<Principal>): Principal {
  return {
    user_id: `user-${username}`,
    session_id: `session-${username}`,
    username,
    roles: [],
    is_superuser: false,
    auth_time: 1,
    amr: [],
    expires_at: 2,
    token_id: `token-${username}`,
    ...rest,
  };
}

const refusals = new Set<string>(["token_expired", "session_revoked", "invalid_token"]);

/** A service under test: real requests in, answers and log lines out. */
export interface Harness {
  readonly app: AnyElysia;
  readonly http: HttpDeps;
  readonly lines: { level: string; fields: LogFields; message: string }[];
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
}

export interface CallOptions {
  /** A name of {@link people}, or a refusal's code. */
  readonly as?: string;
  readonly headers?: Record<string, string>;
  /** Sent as it is. */
  readonly raw?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  /** Sent as JSON. */
  readonly json?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly json: any;
  readonly code: ErrorCode | undefined;
  /** Of a validation failure: path → sentence. */
  readonly errors: Readonly<Record<string, string>>;
}

/** Assembles a service of these controllers, with every dependency replaceable. */
export function harness(
  controllers: (http: HttpDeps) => readonly AnyElysia[],
  changes: Partial<HttpDeps> = {},
  envelopes: readonly Envelope[] = [],
): Harness {
  const lines: Harness["lines"] = [];
  const write = (level: string) => (fields: LogFields, message: string) => void lines.push({ level, fields, message });
  const http = httpDeps({
    service: "projects",
    version: "1.2.3",
    verify: async (token) => {
      const principal = people[token];
      if (principal) return principal;
      throw new StoaError(refusals.has(token) ? (token as ErrorCode) : "invalid_token");
    },
    now: () => new Date("2026-11-20T09:00:00.000Z"),
    log: { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") },
    cors_origins: ["https://app.example.com"],
    rate_limit_scale: 1,
    events: () => ({ transport: "in-process", lag: 0, reasons: [] }),
    ...changes,
  });
  const app = createService(http, controllers(http), envelopes);
  const call: Harness["call"] = async (method, path, { as, headers, raw, json } = {}) => {
    const answer = await send<unknown>(app, method, path, { token: as, body: json, raw, headers });
    const problem = (answer.body ?? {}) as { error_code?: ErrorCode; errors?: { path: string; message: string }[] };
    return {
      ...answer,
      json: answer.body ?? undefined,
      code: problem.error_code,
      errors: Object.fromEntries((problem.errors ?? []).map(({ path, message }) => [path, message])),
    };
  };
  return { app, http, lines, call };
}

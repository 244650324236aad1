import { EventSocket } from "./event-socket.ts";
import { EventStream } from "./event-stream.ts";

/** A response of Stoa with its parsed body. */
export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** A small client of the public API, as an application would write one. */
export class Client {
  readonly base: string;
  readonly token: string | undefined;

  constructor(base: string, token?: string) {
    this.base = base.replace(/\/$/, "");
    this.token = token;
  }

  async send<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const response = await fetch(this.base + path, {
      method,
      headers: {
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "manual",
    });
    const text = await response.text();
    const json = response.headers.get("content-type")?.includes("json") && text !== "";
    return { status: response.status, headers: response.headers, body: (json ? JSON.parse(text) : text) as T };
  }

  get<T = Record<string, unknown>>(path: string) {
    return this.send<T>("GET", path);
  }

  post<T = Record<string, unknown>>(path: string, body?: unknown, headers?: Record<string, string>) {
    return this.send<T>("POST", path, body, headers);
  }

  /** Sends a request that must have a status, and returns the body of the response. */
  async must<T = Record<string, unknown>>(status: number, method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.send<T>(method, path, body);
    if (answer.status !== status) {
      throw new Error(`${method} ${path} answered ${answer.status}, not ${status}: ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }

  /** Opens the user's event stream, after a position or from now on. */
  stream(after?: string): Promise<EventStream> {
    return EventStream.open(`${this.base}/api/v1/stream`, this.token ?? "", after);
  }

  /** The same over a WebSocket. */
  socket(after?: string): Promise<EventSocket> {
    return EventSocket.open(`${this.base}/api/v1/ws`, this.token ?? "", after);
  }
}

/** A user who has registered and logged in. */
export interface Person extends Client {
  readonly id: string;
  readonly username: string;
  readonly password: string;
  readonly refresh_token: string;
}

let people = 0;

/** Registers a new user with a unique name and logs them in. */
export async function signUp(base: string, name: string): Promise<Person> {
  const username = `${name}-${process.pid}-${Date.now().toString(36)}-${++people}`;
  const password = `${name} keeps 7 herons by the weir`;
  const anonymous = new Client(base);
  const user = await anonymous.must<{ id: string }>(201, "POST", "/api/v1/auth/register", {
    email: `${username}@example.com`,
    password,
    username,
    full_name: name,
  });
  const tokens = await anonymous.must<{ access_token: string; refresh_token: string }>(
    200,
    "POST",
    "/api/v1/auth/login",
    { username, password },
  );
  return Object.assign(new Client(base, tokens.access_token), {
    id: user.id,
    username,
    password,
    refresh_token: tokens.refresh_token,
  });
}

/** Something that answers requests, such as an Elysia app. */
interface App {
  handle(request: Request): Response | Promise<Response>;
}

/** The contents of a request. */
export interface Sending {
  /** An access token. */
  readonly token?: string | null | undefined;
  /** A body that is sent as JSON. */
  readonly body?: unknown;
  /** A body that is sent as it is, instead of `body`. It has no content type unless `headers` sets one. */
  readonly raw?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A response whose body was read. The body of an event stream is not read. */
export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed JSON; null when there is none. */
  readonly body: T;
}

/** The members of a problem document (RFC 9457) that tests check. */
export interface Problem {
  readonly status: number;
  readonly error_code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly current?: { readonly version: number };
}

/**
 * Sends a request to an app of this process, without a socket.
 *
 * @param path the path with its query
 * @example const { status, body } = await send<Task>(app, "POST", "/api/v1/tasks", { token, body: { title: "A" } });
 */
export async function send<T = Problem>(
  app: App,
  method: string,
  path: string,
  { token, body: json, raw, headers }: Sending = {},
): Promise<Answer<T>> {
  const body = json === undefined ? raw : JSON.stringify(json);
  const request = new Request(`http://stoa.test${path}`, { method, ...(body !== undefined && { body }) });
  // The platform sets a content type for text by itself.
  request.headers.delete("content-type");
  if (json !== undefined) request.headers.set("content-type", "application/json");
  if (typeof token === "string") request.headers.set("authorization", `Bearer ${token}`);
  for (const [name, value] of Object.entries(headers ?? {})) request.headers.set(name, value);
  return answerOf<T>(await app.handle(request));
}

async function answerOf<T>(response: Response): Promise<Answer<T>> {
  const { status, headers } = response;
  const type = headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream")) {
    await response.body?.cancel();
    return { status, headers, text: "", body: null as T };
  }
  const text = await response.text();
  const isJson = /^application\/([\w.-]+\+)?json\b/.test(type) && text !== "";
  return { status, headers, text, body: (isJson ? JSON.parse(text) : null) as T };
}

/**
 * Clients of the backends that Stoa replaces. They call paths without `/api/v1`, which the gateway rewrites to today's,
 * and they get today's bodies, but for the few paths of an {@link Envelope}.
 */

/**
 * The gateway sets this header on a request whose path it has rewritten, and removes it from every other. It asks for
 * leniency and for nothing else, so it does no harm that somebody may send it to a service by themselves.
 */
export const olderHeader = "stoa-older";

/** Whether a request came by a path of older clients. */
export function isOlder({ headers }: Request): boolean {
  return headers.has(olderHeader);
}

/**
 * An answer of another shape than the operation's, for older clients alone. Elysia sends every Response as it is, and its
 * types know of one shape for each operation.
 */
export function instead<T>(answer: Response): T {
  return answer as T;
}

/** A path whose old clients read an envelope around each answer. It is served by the operation of another path. */
export interface Envelope {
  /** As the clients send it: the gateway passes it on as it came. */
  readonly path: string;
  /** Today's path. */
  readonly to: string;
  /** What the envelope of a success says. */
  readonly message: string;
}

/** A request under today's path, of a client that is an older one by the path that it sent. */
export class Readdressed extends Request {
  constructor(
    readonly received: Request,
    path: string,
  ) {
    super(withPath(received.url, path), received);
    this.headers.set(olderHeader, "1");
  }
}

function withPath(url: string, path: string): string {
  const readdressed = new URL(url, "http://localhost");
  readdressed.pathname = path;
  return readdressed.href;
}

/** Finds the envelope of a request by its path. A service without envelopes, and a path under `/api`, cost nothing. */
export function envelopeFinder(envelopes: readonly Envelope[]): (request: Request) => Envelope | undefined {
  const byPath = new Map(envelopes.flatMap((one) => [one.path, `${one.path}/`].map((path) => [path, one] as const)));
  return ({ url }) => {
    if (byPath.size === 0 || url.includes("/api/v1/")) return undefined;
    return byPath.get(new URL(url, "http://localhost").pathname);
  };
}

/**
 * Puts an answer into its envelope: `{success, message, data, error}`, or `{error, error_code, message, data}` with the
 * code in capitals. Status and headers stay. What is not JSON (a preflight) stays as it is.
 */
export async function enveloped(answer: Response, { message }: Envelope): Promise<Response> {
  const type = answer.headers.get("content-type") ?? "";
  if (!type.includes("json")) return answer;
  const headers = new Headers(answer.headers);
  headers.delete("content-length");
  headers.set("content-type", "application/json");
  const body: unknown = await answer.json();
  const envelope = type.includes("problem+json")
    ? failure(body as Problem)
    : { success: true, message, data: body, error: null };
  return new Response(JSON.stringify(envelope), { status: answer.status, headers });
}

/** Members of every problem document; the others are what a code has of its own. */
interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly error_code: string;
  readonly request_id: string;
}

function failure({ type, title, status, detail, instance, error_code, request_id, ...own }: Problem) {
  const data = Object.keys(own).length === 0 ? null : own;
  return { error: true, error_code: error_code.toUpperCase(), message: detail, data };
}

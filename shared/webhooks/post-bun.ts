import { lookup } from "node:dns/promises";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP } from "node:net";
import type { Post } from "./attempt.ts";
import type { Answer } from "./outcome.ts";
import { hostOf, mayReach, type TargetPolicy, targetFault } from "./target.ts";

/** How long an attempt may take, DNS and connecting included; milliseconds. */
const TIMEOUT_MS = 10_000;

/** What tests replace. */
export interface PostOptions {
  /** All addresses of a host. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  readonly timeoutMs?: number;
  /** Certificates of authorities that are trusted besides the system's, PEM. */
  readonly ca?: string;
}

/**
 * Makes the function that sends deliveries. Each of a host's addresses is checked, and the connection goes to one of these by
 * its address, under the host's name (`Host`, SNI, certificate): what DNS says a moment later does not matter. Redirects
 * are not followed, and of the answer only the head is read.
 */
export function webhookPost(policy: TargetPolicy, options: PostOptions = {}): (post: Post) => Promise<Answer> {
  const { resolve = addressesOf, timeoutMs = TIMEOUT_MS, ca } = options;
  return async ({ url: text, headers, body, signal }) => {
    const url = new URL(text);
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    if (targetFault(policy, text) !== undefined) return { status: null };
    const address = await before(inTime, addressFor(policy, hostOf(url), resolve));
    if (address === undefined) return { status: null };
    return send(url, address, { headers, body, signal: inTime, ...(ca !== undefined && { ca }) });
  };
}

/** The address to connect to; undefined when there is none, or when one of them is not to be reached. */
async function addressFor(
  policy: TargetPolicy,
  host: string,
  resolve: NonNullable<PostOptions["resolve"]>,
): Promise<string | undefined> {
  const found = isIP(host) ? [host] : await resolve(host).catch(none);
  if (!found.every((address) => mayReach(policy, host, address))) return undefined;
  // Many machines have no way to the IPv6 Internet; hardly one has none to IPv4.
  return found.find((address) => isIP(address) === 4) ?? found[0];
}

async function addressesOf(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

const none = (): string[] => [];

/** The result, or undefined when the signal comes first. */
function before<T>(signal: AbortSignal, work: Promise<T | undefined>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const stop = () => resolve(undefined);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", stop));
}

type Sending = Pick<Post, "headers" | "body" | "signal"> & { readonly ca?: string };

function send(url: URL, address: string, { headers, body, signal, ca }: Sending): Promise<Answer> {
  const secure = url.protocol === "https:";
  const name = hostOf(url);
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const request = (secure ? requestHttps : requestHttp)(
    {
      host: address,
      port: url.port || (secure ? 443 : 80),
      method: "POST",
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, host: url.host, "content-length": String(Buffer.byteLength(body)), connection: "close" },
      agent: false,
      signal,
      // A certificate for an address is checked against that; there is no server name then (RFC 6066, section 3).
      ...(secure && !isIP(name) && { servername: name }),
      ...(ca !== undefined && { ca }),
    },
    (response) => {
      const { "retry-after": retry_after = null } = response.headers;
      resolve({ status: response.statusCode ?? null, retry_after });
      // Nobody reads what the receiver says besides.
      response.destroy();
    },
  );
  request.on("error", () => resolve({ status: null }));
  request.on("close", () => resolve({ status: null }));
  request.end(body);
  return promise;
}

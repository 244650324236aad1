import { type ServiceName, services } from "@stoa/events";
import { Miniflare } from "miniflare";
import { bundle } from "../../deploy/edge/bundle.ts";
import { dispatch } from "../../deploy/gateway/dispatch.ts";
import { startDistributed } from "./compose.ts";

/** Stoa with its services in workerd. */
export interface EdgeTopology extends AsyncDisposable {
  /** Replaces Cloudflare's routes: requests with passwords go to identity on Bun, all others to the Workers. */
  readonly gatewayUrl: string;
  readonly services: Readonly<Record<ServiceName, string>>;
  /** The first superuser. */
  readonly superuser: { readonly email: string; readonly password: string };
  stop(): Promise<void>;
}

/** workerd behaves as it did on this day. */
const compatibilityDate = "2026-07-30";

/** The routes that hash passwords, which a Worker answers with 501. */
const onBun = [
  /^\w+ \/api\/v1\/(auth\/(register|signup|login|reauthenticate|me\/password|password\/reset)|user\/login)$/,
  /^DELETE \/api\/v1\/(auth|users)\/me$/,
];

/**
 * Starts the distributed topology, whose relays and projectors are needed, and the three services in workerd on the same
 * databases.
 */
export async function startEdge(): Promise<EdgeTopology> {
  await using stack = new AsyncDisposableStack();
  const SECRET_KEY = `s${crypto.randomUUID()}`;
  const bun = stack.use(await startDistributed({ env: { SECRET_KEY } }));
  const bundles = await Promise.all(services.map(bundle));
  const miniflare = new Miniflare({
    workers: bundles.map(({ service, code }) => ({
      name: service,
      modules: [{ type: "ESModule", path: `${service}.js`, contents: code }],
      compatibilityDate,
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      bindings: {
        SECRET_KEY,
        ISSUER: bun.gatewayUrl,
        ENVIRONMENT: "test",
        RATE_LIMIT_SCALE: "0",
        LOG_LEVEL: "warn",
        IDENTITY_URL: bun.services.identity,
        [`${service.toUpperCase()}_DATABASE_URL`]: bun.databaseUrls[service],
      },
    })),
  });
  stack.defer(() => miniflare.dispose());
  await miniflare.ready;
  const urlOf = async (service: ServiceName) => (await miniflare.unsafeGetDirectURL(service)).origin;
  const urls = {
    identity: await urlOf("identity"),
    projects: await urlOf("projects"),
    messaging: await urlOf("messaging"),
  };
  const gateway = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (received) => {
      const { to, request } = dispatch(received);
      const { pathname, search } = new URL(request.url);
      if (to === "gateway") return new Response(null, { status: 404 });
      const asked = `${request.method} ${pathname}`;
      const target = onBun.some((passwords) => passwords.test(asked)) ? bun.services.identity : urls[to];
      return fetch(new Request(target + pathname + search, request));
    },
  });
  stack.defer(() => gateway.stop(true));
  const owned = stack.move();
  return {
    gatewayUrl: `http://127.0.0.1:${gateway.port}`,
    services: urls,
    superuser: bun.superuser,
    stop: () => owned.disposeAsync(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

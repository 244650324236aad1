/**
 * A service with one route that does nothing and is open to anyone, behind everything that every service has: front
 * door, limits, real verifier, log lines. `bun bench/noop-server.ts <port>` prints a token, then serves; its log goes
 * to /dev/null.
 */
import { createVerifier, memoryRevocations } from "@stoa/auth";
import { controller, createService, type HttpDeps, operation } from "@stoa/http";
import { addresses, listen } from "@stoa/runtime";
import { testKeys } from "@stoa/testing";
import { t } from "elysia";
import { pino } from "pino";

const now = () => new Date();
const keys = await testKeys();
const verifier = createVerifier({
  keys: async () => keys.jwks,
  issuer: keys.issuer,
  audience: keys.audience,
  revocations: memoryRevocations({ lifetimeSeconds: 900, now }),
  now,
});
const peers = addresses();
const http: HttpDeps = {
  service: "bench",
  version: "0.0.0",
  environment: "production",
  verify: (token) => verifier.verify(token),
  now,
  log: pino(pino.destination("/dev/null")),
  cors_origins: [],
  csp_mode: "strict",
  trusted_proxies: [],
  rate_limit_scale: 1_000_000,
  database: async () => undefined,
  schema_current: () => true,
  events: () => ({ transport: "none", connected: true, lag: 0 }),
  addressOf: peers.of,
};
const nothing = t.Object({ ok: t.Boolean() });
const routes = controller(http).get(
  "/api/v1/noop",
  () => ({ ok: true }),
  operation({ id: "test.doNothing", access: "anyone", summary: "Do nothing", answer: nothing }),
);
const app = createService(http, [routes]);
console.log(await keys.signToken());
listen({ host: "127.0.0.1", port: Number(process.argv[2]), handle: peers.noting(app.fetch) });

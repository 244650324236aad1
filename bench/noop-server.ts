/**
 * A service with one route that does nothing and is open to anyone, with everything that every service has: validation,
 * rate limits, a real verifier and log lines. `bun bench/noop-server.ts` prints a token and its address, then serves. The
 * log goes to /dev/null.
 */
import { createVerifier, memoryRevocations } from "@stoa/auth";
import { controller, createService, operation } from "@stoa/http";
import { processLogger } from "@stoa/http/logger-bun";
import { addresses, listen } from "@stoa/runtime";
import { httpDeps, testKeys } from "@stoa/testing";
import { t } from "elysia";

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
const http = httpDeps({
  service: "bench",
  environment: "production",
  verify: (token) => verifier.verify(token),
  now,
  log: processLogger("bench", "info", "/dev/null"),
  rate_limit_scale: 1_000_000,
  addressOf: peers.of,
});
const nothing = t.Object({ ok: t.Boolean() });
const routes = controller(http).get(
  "/api/v1/noop",
  () => ({ ok: true }),
  operation({ id: "test.doNothing", access: "anyone", summary: "Do nothing", answer: nothing }),
);
const app = createService(http, [routes]);
const { port } = listen({ host: "127.0.0.1", port: 0, handle: app.fetch, addresses: peers });
console.log(`${await keys.signToken()} http://127.0.0.1:${port}`);

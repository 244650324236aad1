import { describe, expect, test } from "bun:test";
import { type ServiceName, services } from "@stoa/events";
import { decodeProtectedHeader } from "jose";
import { run } from "../deploy/cli/identity/main.ts";
import { Client, type Person, signUp } from "./client.ts";
import { startDistributed } from "./topologies/compose.ts";
import { startStandalone } from "./topologies/standalone.ts";
import type { Topology } from "./topologies/topology.ts";
import { withinASecond } from "./within-a-second.ts";

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** A route of each service that a user may call. */
const paths: Record<ServiceName, string> = {
  identity: "/api/v1/auth/me",
  projects: "/api/v1/projects",
  messaging: "/api/v1/conversations",
};

const kidOf = (token: string) => decodeProtectedHeader(token).kid ?? "";

async function superuser(stoa: Topology): Promise<Client> {
  const { access_token } = await new Client(stoa.gatewayUrl).must<Tokens>(200, "POST", "/api/v1/auth/login", {
    username: stoa.superuser.email,
    password: stoa.superuser.password,
  });
  return new Client(stoa.gatewayUrl, access_token);
}

const statusesOf = (stoa: Topology, token: string) =>
  Promise.all(
    services.map(async (service) => {
      const answer = await new Client(stoa.services[service], token).get<{ error_code?: string }>(paths[service]);
      return answer.body.error_code ?? answer.status;
    }),
  );

/** Expects that every service refuses a user's token within a second of the revocation, and the session goes on. */
async function expectRefusal(stoa: Topology, person: Person, revoke: (kid: string) => Promise<unknown>) {
  const token = person.token ?? "";
  expect(await statusesOf(stoa, token)).toEqual([200, 200, 200]);
  await revoke(kidOf(token));
  await withinASecond(async () => (await statusesOf(stoa, token)).every((status) => status === "invalid_token"));
  const refresh = { refresh_token: person.refresh_token };
  const fresh = await withinASecond(async () => {
    const { body } = await new Client(stoa.gatewayUrl).post<Tokens>("/api/v1/auth/refresh", refresh);
    return kidOf(body.access_token) === kidOf(token) ? undefined : body;
  });
  expect(await statusesOf(stoa, fresh.access_token)).toEqual([200, 200, 200]);
}

const SECRET_KEY = "a secret key for the tests of key revocation";
const topologies = {
  standalone: () => startStandalone(),
  distributed: () => startDistributed({ env: { SECRET_KEY } }),
};

describe.each(Object.keys(topologies) as (keyof typeof topologies)[])("%s", (name) => {
  test("a revoked key's tokens are refused by every service in under a second, and sessions go on", async () => {
    await using stoa = await topologies[name]();
    const admin = await superuser(stoa);
    await expectRefusal(stoa, await signUp(stoa.gatewayUrl, "ada"), (kid) =>
      admin.must(200, "POST", `/api/v1/auth/keys/${kid}/revoke`),
    );

    if (name === "standalone") return;
    const env = { IDENTITY_DATABASE_URL: stoa.databaseUrls.identity, SECRET_KEY };
    const said: string[] = [];
    const byCommand = async (kid: string) => {
      expect([await run(["keys", "revoke", kid], env, (line) => said.push(line)), said.join("\n")]).toEqual([
        0,
        expect.stringContaining("revoked"),
      ] as never);
    };
    await expectRefusal(stoa, await signUp(stoa.gatewayUrl, "grace"), byCommand);
    await stoa.stop();
  }, 60_000);
});

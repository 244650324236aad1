import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { roundTrips } from "@stoa/testing";
import type { Invitation } from "../invitations/schema.ts";
import { password } from "./harness.ts";
import { mailedToken } from "./mails.ts";
import { testOrganization } from "./organizations.ts";

test("each route of invitations, addresses and administration keeps its budget of round trips to the database", async () => {
  await using all = await testOrganization();
  const { identity, ada, grace, eve, root, path } = all;
  await identity.db.write([sql`update users set email_verified = 1`]);
  const invite = async (email: string, at = path, by = ada) => {
    const body = { email, role: "member" };
    return (await identity.call<Invitation>("POST", `${at}/invitations`, { token: by.token, body })).body.id;
  };
  const newcomer = await invite("new@example.com");
  const declined = await invite("eve@example.com");
  const counted = async (method: string, at: string, token: string | undefined, body?: unknown) => {
    let status = 0;
    const taken = await roundTrips(identity.db, async () => {
      status = (await identity.call(method, at, { token, body })).status;
    });
    return [method, at, status < 300, taken];
  };
  // That a session was used is noted once a minute.
  for (const token of [ada.token, eve.token, root]) await identity.call("GET", "/auth/me", { token });
  await identity.call("POST", "/auth/login", { body: { username: "eve", password: "wrong wrong wrong" } });
  const invitation = await mailedToken(identity.db, "new@example.com", "invitation");
  const registration = { email: "new@example.com", username: "new", password, invitation };
  for (const [trips, method, at, token, body] of [
    [0, "GET", "/auth/settings"],
    // Whether the invitation is good, whether the names are free, and the registration.
    [3, "POST", "/auth/register", undefined, registration],
    [1, "GET", "/invitations", eve.token],
    [5, "POST", `${path}/invitations/${declined}/resend`, ada.token],
    [2, "POST", `/invitations/${declined}/decline`, eve.token],
    [2, "PATCH", "/auth/me", ada.token, { email: "countess@example.com" }],
    [2, "PATCH", "/auth/me", ada.token, { username: "countess" }],
    [1, "GET", `/auth/users/${eve.user.id}/overview`, root],
    [1, "DELETE", `/auth/users/${eve.user.id}/throttle`, root],
  ] as const) {
    expect(await counted(method, at, token, body)).toEqual([method, at, true, trips]);
  }
  const accepted = await invite("eve@example.com", path, grace);
  expect(await counted("POST", `/invitations/${accepted}/accept`, eve.token)).toEqual([
    "POST",
    `/invitations/${accepted}/accept`,
    true,
    3,
  ]);
  expect(newcomer).not.toBe(accepted);
  const undo = { token: await mailedToken(identity.db, "ada@example.com", "email_change_requested") };
  // The ticket with its user, what is taken back, and the user again.
  expect(await counted("POST", "/auth/email/undo", undefined, undo)).toEqual(["POST", "/auth/email/undo", true, 3]);
});

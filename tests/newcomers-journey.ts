import { expect, test } from "bun:test";
import { eventually } from "@stoa/testing";
import { Client } from "./client.ts";
import type { Stage } from "./journey.ts";

interface Saved {
  readonly results: readonly { readonly id: string; readonly outcome: string }[];
}

/** A superuser's import with somebody who exists nowhere, which projects asks identity to add. */
export function newcomersJourney(stage: () => Stage): void {
  test("a superuser's import adds somebody new in identity, who is a member at once and known everywhere soon", async () => {
    const { gatewayUrl, superuser } = stage();
    const { username, password } = { username: superuser.email, password: superuser.password };
    const login = await new Client(gatewayUrl).must<{ access_token: string }>(200, "POST", "/api/v1/auth/login", {
      ...{ username, password },
    });
    const root = new Client(gatewayUrl, login.access_token);
    const payload = {
      source: "journey",
      users: [{ external_id: "n", email: "newcomer@example.com", full_name: "New Comer" }],
      projects: [{ external_id: "p", name: "Arrivals", members: [{ user: "n", role: "developer" }] }],
    };
    const save = () => root.must<Saved>(200, "POST", "/api/v1/data/save", payload);
    const [first, again] = [await save(), await save()];
    expect([first, again].map(({ results }) => results.map(({ outcome }) => outcome))).toEqual([
      ["created", "created"],
      ["unchanged", "unchanged"],
    ]);
    const [{ id: user_id } = { id: "" }, { id } = { id: "" }] = first.results;
    const user = await root.must(200, "GET", `/api/v1/auth/users/${user_id}`);
    expect(user).toMatchObject({ email: "newcomer@example.com", full_name: "New Comer", email_verified: false });
    await eventually(async () => {
      const { members } = await root.must<{ members: { user_id: string; full_name: string | null }[] }>(
        200,
        "GET",
        `/api/v1/projects/${id}`,
      );
      return members.some((one) => one.user_id === user_id && one.full_name === "New Comer");
    });
  });
}

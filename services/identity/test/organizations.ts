import type { Organization, OrganizationMember } from "../organizations/schema.ts";
import { testIdentity } from "./harness.ts";

type Identity = Awaited<ReturnType<typeof testIdentity>>;

/** Someone with a token. */
export type Person = Awaited<ReturnType<Identity["person"]>>;

/** Adds someone to an organization. */
export async function join(identity: Identity, by: Person, id: string, who: Person, role: string): Promise<void> {
  const body = { user_id: who.user.id, role };
  const { status } = await identity.call("POST", `/organizations/${id}/members`, { token: by.token, body });
  if (status !== 201) throw new Error(`Adding a member got ${status}.`);
}

/**
 * Identity with an organization: Ada owns it, Grace is admin, Linus a member, Eve has nothing to do with it; `root` is
 * a superuser's token.
 */
export async function testOrganization() {
  const identity = await testIdentity();
  const [ada, grace] = [await identity.person("ada"), await identity.person("grace")];
  const [linus, eve] = [await identity.person("linus"), await identity.person("eve")];
  const root = await identity.superuser();
  const { body: organization } = await identity.call<Organization>("POST", "/organizations", {
    token: ada.token,
    body: { name: "Engines" },
  });
  const path = `/organizations/${organization.id}`;
  await join(identity, ada, organization.id, grace, "admin");
  await join(identity, ada, organization.id, linus, "member");

  return {
    identity,
    ada,
    grace,
    linus,
    eve,
    root,
    organization,
    path,
    /** The status with which each of these is answered. */
    statuses: async (method: string, at: string, tokens: readonly (string | undefined)[], body?: unknown) => {
      const found: number[] = [];
      for (const token of tokens) found.push((await identity.call(method, at, { token, body })).status);
      return found;
    },
    roles: async () => {
      const { body } = await identity.call<{ items: OrganizationMember[] }>("GET", `${path}/members`, { token: root });
      return Object.fromEntries(body.items.map(({ username, role }) => [username, role]));
    },
    /** The data of the journal's events of a type, oldest first. */
    saidBy: async (type: string) => (await identity.events(type)).map(({ data }) => JSON.parse(String(data))),
    [Symbol.asyncDispose]: () => identity[Symbol.asyncDispose](),
  };
}

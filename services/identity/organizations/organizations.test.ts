import { describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { roundTrips } from "@stoa/testing";
import { testIdentity } from "../test/harness.ts";
import { testOrganization } from "../test/organizations.ts";
import type { Organization } from "./schema.ts";

describe("POST /organizations", () => {
  test("201: the creator is owner, the slug comes from the name", async () => {
    await using identity = await testIdentity();
    const { token, user } = await identity.person("ada");
    const { status, body, headers } = await identity.call<Organization>("POST", "/organizations", {
      token,
      body: { name: "  Café Zürich & Co. " },
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(String),
      name: "Café Zürich & Co.",
      slug: "cafe-zurich-co",
      role: "owner",
      member_count: 1,
      version: 1,
      created_at: expect.any(String),
      updated_at: body.created_at,
    });
    expect(headers.get("location")).toBe(`/api/v1/organizations/${body.id}`);
    expect(headers.get("etag")).toBe('"1"');
    const [event] = await identity.events("organization.created");
    expect(event).toMatchObject({ aggregate_id: body.id, organization_id: body.id, actor_id: user.id });
    expect(JSON.parse(String(event?.["data"]))).toEqual({
      organization_id: body.id,
      name: body.name,
      slug: body.slug,
      owner_id: user.id,
    });
  });

  test("a slug from a name that is taken gets digits; so does one from a name without letters of ours", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const create = (name: string) => identity.call<Organization>("POST", "/organizations", { token, body: { name } });
    expect((await create("Engines")).body.slug).toBe("engines");
    expect((await create("Engines")).body.slug).toMatch(/^engines-\d{4}$/);
    expect((await create("解析機関")).body.slug).toMatch(/^organization-\d{4}$/);
    expect((await create("x")).body.slug).toMatch(/^x-\d{4}$/);
    expect((await create("y".repeat(255))).body.slug).toBe("y".repeat(45));
  });

  test("of 30 at once with one name, all are made, each with a slug of its own", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const answers = await Promise.all(
      Array.from({ length: 30 }, () =>
        identity.call<Organization>("POST", "/organizations", { token, body: { name: "Engines" } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(30).fill(201));
    expect(new Set(answers.map(({ body }) => body.slug)).size).toBe(30);
  });

  test("409 for a slug that another organization has, in any case", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const create = (slug: string) =>
      identity.call<Organization & { error_code: string }>("POST", "/organizations", {
        token,
        body: { name: "N", slug },
      });
    expect((await create("Two-Words")).body.slug).toBe("two-words");
    expect(await create("two-WORDS")).toMatchObject({ status: 409, body: { error_code: "slug_taken" } });
  });

  test("of many at once with one slug, one is made; the others write nothing", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        identity.call("POST", "/organizations", { token, body: { name: "N", slug: "one" } }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(7).fill(409)]);
    expect(await identity.events("organization.created")).toHaveLength(1);
    expect(await identity.db.query(sql`select 1 from organization_members`)).toHaveLength(1);
  });

  test("with an Idempotency-Key makes one, however often and at once", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const create = (name: string) =>
      identity.call<Organization>("POST", "/organizations", {
        token,
        body: { name },
        headers: { "idempotency-key": "k" },
      });
    const answers = await Promise.all([create("A"), create("A"), create("A")]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(await create("B")).toMatchObject({ status: 422, body: { error_code: "idempotency_key_reused" } });
  });

  test.each([
    {},
    { name: "" },
    { name: "x".repeat(256) },
    { name: "N", slug: "a" },
    { name: "N", slug: "a b" },
    { name: "N", slug: "-ab" },
    { name: "N", slug: "a--b" },
    { name: "N", slug: "x".repeat(51) },
    { name: "N", other: 1 },
  ])("422 for %j", async (body) => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    expect(await identity.call("POST", "/organizations", { token, body })).toMatchObject({
      status: 422,
      body: { error_code: "validation_failed" },
    });
  });
});

describe("reading", () => {
  test("members see the organization with their own role; others are 403, unknown ids 404, nobody is 401", async () => {
    await using all = await testOrganization();
    const { identity, ada, grace, linus, eve, root, path, organization } = all;
    const { body, headers } = await identity.call<Organization>("GET", path, { token: grace.token });
    expect(body).toMatchObject({ id: organization.id, role: "admin", member_count: 3, version: 3 });
    expect(headers.get("etag")).toBe('"3"');
    const tokens = [ada.token, linus.token, root, eve.token, undefined];
    expect(await all.statuses("GET", path, tokens)).toEqual([200, 200, 200, 403, 401]);
    expect((await identity.call<Organization>("GET", path, { token: root })).body.role).toBe("owner");
    expect(await all.statuses("GET", `/organizations/${newId()}`, [ada.token, root])).toEqual([404, 404]);
  });

  test("the list holds one's own, newest first, in pages; a superuser's holds all", async () => {
    await using all = await testOrganization();
    const { identity, ada, linus, eve, root } = all;
    for (const name of ["Two", "Three"]) {
      await identity.call("POST", "/organizations", { token: ada.token, body: { name } });
    }
    type Page = { items: Organization[]; next_cursor: string | null; total?: number };
    const list = async (token: string, query = "") =>
      (await identity.call<Page>("GET", `/organizations${query}`, { token })).body;
    const first = await list(ada.token, "?limit=2&count=true");
    expect([first.items.map(({ name }) => name), first.total]).toEqual([["Three", "Two"], 3]);
    const second = await list(ada.token, `?limit=2&cursor=${first.next_cursor}`);
    expect([second.items.map(({ name, role }) => [name, role]), second.next_cursor]).toEqual([
      [["Engines", "owner"]],
      null,
    ]);
    expect((await list(linus.token)).items).toMatchObject([{ name: "Engines", role: "member", member_count: 3 }]);
    expect(await list(eve.token)).toEqual({ items: [], next_cursor: null });
    expect((await list(root)).items.map(({ role }) => role)).toEqual(["owner", "owner", "owner"]);
    const stolen = await identity.call("GET", `/organizations?cursor=${first.next_cursor}`, { token: linus.token });
    expect(stolen.body.error_code).toBe("invalid_cursor");
  });

  test("one and a list take one query each, and a count one", async () => {
    await using all = await testOrganization();
    const { identity, ada, path } = all;
    for (const [at, queries] of [
      [path, 1],
      ["/organizations", 1],
      ["/organizations?count=true", 2],
    ] as const) {
      await identity.call("GET", at, { token: ada.token });
      expect(await roundTrips(identity.db, () => identity.call("GET", at, { token: ada.token }))).toBe(queries);
    }
  });
});

describe("PATCH and PUT /organizations/{id}", () => {
  test("owners, admins and superusers change name and slug; members and others 403", async () => {
    await using all = await testOrganization();
    const { identity, ada, grace, linus, eve, root, path, organization } = all;
    const tokens = [ada.token, grace.token, root, linus.token, eve.token, undefined];
    const named = async (method: string, name: string) => {
      const found = [];
      for (const [index, token] of tokens.entries()) {
        found.push((await identity.call(method, path, { token, body: { name: `${name} ${index}` } })).status);
      }
      return found;
    };
    expect(await named("PATCH", "A")).toEqual([200, 200, 200, 403, 403, 401]);
    expect(await named("PUT", "B")).toEqual([200, 200, 200, 403, 403, 401]);
    const { body } = await identity.call<Organization>("PATCH", path, { token: ada.token, body: { slug: "NEW" } });
    expect(body).toMatchObject({ name: "B 2", slug: "new", version: 10, role: "owner" });
    expect((await all.saidBy("organization.updated")).at(-1)).toEqual({
      organization_id: organization.id,
      name: "B 2",
      slug: "new",
    });
  });

  test("what changes nothing writes nothing: a fetched organization can be sent back", async () => {
    await using all = await testOrganization();
    const { identity, ada, path } = all;
    const { body } = await identity.call<Organization>("GET", path, { token: ada.token });
    const again = await identity.call<Organization>("PATCH", path, {
      token: ada.token,
      body: { ...body, version: 99 },
    });
    expect([again.status, again.body]).toEqual([200, body]);
    expect(await identity.events("organization.updated")).toEqual([]);
  });

  test("409 for another's slug, 412 for an old If-Match with the present organization, 422 for what is read-only", async () => {
    await using all = await testOrganization();
    const { identity, ada, path } = all;
    await identity.call("POST", "/organizations", { token: ada.token, body: { name: "Other", slug: "other" } });
    const change = (body: object, headers: Record<string, string> = {}) =>
      identity.call("PATCH", path, { token: ada.token, body, headers });
    expect(await change({ slug: "Other" })).toMatchObject({ status: 409, body: { error_code: "slug_taken" } });
    expect(await change({ name: "X" }, { "if-match": '"1"' })).toMatchObject({
      status: 412,
      body: { error_code: "version_conflict", current: { name: "Engines", version: 3 } },
    });
    expect((await change({ name: "X" }, { "if-match": '"3"' })).status).toBe(200);
    expect((await change({ name: "Y" }, { "if-match": "*" })).status).toBe(200);
    for (const body of [{ role: "member" }, { member_count: 9 }, { id: newId() }]) {
      expect(await change(body)).toMatchObject({
        status: 422,
        body: { errors: [{ path: `/${Object.keys(body)[0]}` }] },
      });
    }
    for (const body of [{ name: null }, { name: "" }, { slug: null }, { other: 1 }]) {
      expect((await change(body)).status).toBe(422);
    }
  });

  test("of 30 at once without If-Match, all are done, one after the other", async () => {
    await using all = await testOrganization();
    const { identity, ada, path } = all;
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        identity.call<Organization>("PATCH", path, { token: ada.token, body: { name: `N${i}` } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(30).fill(200));
    const versions = answers.map(({ body }) => body.version).sort((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: 30 }, (_, i) => 4 + i));
  });
});

describe("DELETE /organizations/{id}", () => {
  test("owners and superusers delete it, with memberships and invitations; others may not", async () => {
    await using all = await testOrganization();
    const { identity, ada, grace, linus, eve, root, path, organization } = all;
    expect(await all.statuses("DELETE", path, [grace.token, linus.token, eve.token, undefined])).toEqual([
      403, 403, 403, 401,
    ]);
    const old = await identity.call("DELETE", path, { token: ada.token, headers: { "if-match": '"1"' } });
    expect(old.status).toBe(412);
    expect(await all.statuses("DELETE", path, [ada.token, ada.token, root])).toEqual([204, 404, 404]);
    expect(await identity.db.query(sql`select 1 from organization_members`)).toEqual([]);
    expect(await all.saidBy("organization.deleted")).toEqual([{ organization_id: organization.id, name: "Engines" }]);
    const { body } = await identity.call<Organization>("POST", "/organizations", {
      token: eve.token,
      body: { name: "Engines", slug: "engines" },
    });
    expect(await all.statuses("DELETE", `/organizations/${body.id}`, [root])).toEqual([204]);
  });

  test("of two at once, one says it", async () => {
    await using all = await testOrganization();
    const { identity, ada, root, path } = all;
    const answers = await Promise.all([ada.token, root].map((token) => identity.call("DELETE", path, { token })));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404]);
    expect(await identity.events("organization.deleted")).toHaveLength(1);
  });
});

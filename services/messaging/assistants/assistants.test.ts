import { describe, expect, test } from "bun:test";
import { newId } from "@stoa/db";
import type { Conversation } from "../conversations/schema.ts";
import { assisted } from "../test/assisted.ts";
import { serve } from "../test/service.ts";
import type { Assistant } from "./schema.ts";
import { allowedUrl, assistantSettings } from "./settings.ts";

const input = { name: "helper", model: "small", trigger: "mention" };

describe("adding an assistant", () => {
  test("answers it with its address; participants list it, newest first, until it is removed", async () => {
    await using a = await assisted();
    const { status, json, headers } = await a.add(
      { instructions: "Be kind.", base_url: `${a.chat.origin}/api/` },
      a.bob,
    );
    expect([status, headers.get("location")]).toEqual([201, `/api/v1${a.path}/assistants/${json.id}`]);
    expect(json).toEqual({
      id: expect.any(String),
      conversation_id: a.conversation_id,
      name: "helper",
      model: "small",
      instructions: "Be kind.",
      trigger: "mention",
      base_url: `${a.chat.origin}/api`,
      creator_id: a.bob.user_id,
      created_at: expect.any(String),
      removed_at: null,
    });
    const other = await a.add({ name: "Other One" });
    const list = async (search = "") =>
      (await a.service.call<{ items: Assistant[] }>(a.ann, "GET", `${a.path}/assistants${search}`)).json.items;
    expect(await list()).toEqual([other.json, json]);
    expect((await a.service.call(a.ann, "DELETE", `${a.path}/assistants/${json.id}`)).status).toBe(204);
    expect(await list()).toEqual([other.json]);
    expect(await list("?removed=true")).toEqual([other.json, { ...json, removed_at: expect.any(String) }]);
    expect((await a.service.call(a.ann, "DELETE", `${a.path}/assistants/${json.id}`)).status).toBe(404);
    // Its name is free again.
    expect((await a.add()).status).toBe(201);
  });

  test("is done once for an idempotency key", async () => {
    await using a = await assisted();
    const send = () => a.service.call(a.ann, "POST", `${a.path}/assistants`, input, { "idempotency-key": "k" });
    const [first, again] = [await send(), await send()];
    expect([again.status, again.json, again.headers.get("idempotent-replayed")]).toEqual([201, first.json, "true"]);
  });

  test("409 for the name of another assistant or of a user, and for the eleventh", async () => {
    await using a = await assisted();
    await a.add();
    for (const name of ["Helper", "EVE"]) {
      expect(await a.add({ name })).toMatchObject({ status: 409, json: { error_code: "name_taken" } });
    }
    for (let number = 2; number <= 10; number++) expect((await a.add({ name: `h${number}` })).status).toBe(201);
    expect(await a.add({ name: "h11" })).toMatchObject({ status: 409, json: { error_code: "too_many_assistants" } });
  });

  test("422 for servers and models that the operator does not name, and for names that mean everyone", async () => {
    await using a = await assisted({ settings: { models: ["small", "large"] } });
    for (const [given, path] of [
      [{ base_url: "http://169.254.169.254/v1" }, "/base_url"],
      [{ base_url: a.chat.origin.replace("http:", "https:") }, "/base_url"],
      [{ base_url: `${a.chat.origin}.example.com` }, "/base_url"],
      [{ base_url: a.chat.origin.replace("//", "//me:secret@") }, "/base_url"],
      [{ base_url: `${a.chat.origin}/?x=1` }, "/base_url"],
      [{ base_url: `${a.chat.origin}/#x` }, "/base_url"],
      [{ base_url: "file:///etc/passwd" }, "/base_url"],
      [{ base_url: "nonsense" }, "/base_url"],
      [{ model: "huge" }, "/model"],
      [{ name: "Everyone" }, "/name"],
      [{ name: "@helper" }, "/name"],
      [{ trigger: "never" as "always" }, "/trigger"],
    ] as const) {
      expect(await a.add(given)).toMatchObject({
        status: 422,
        json: { error_code: "validation_failed", errors: [{ path }] },
      });
    }
    expect((await a.add({ model: "large", base_url: a.chat.origin })).status).toBe(201);
  });

  test("503 where the operator has named no server, 501 on Workers", async () => {
    await using a = await assisted();
    for (const [assistants, status, error_code] of [
      [{ settings: undefined, stop: () => undefined }, 503, "not_configured"],
      [undefined, 501, "not_implemented"],
    ] as const) {
      await using service = await serve(a.world, { deps: { assistants } });
      expect(await service.call(a.ann, "POST", `${a.path}/assistants`, input)).toMatchObject({
        status,
        json: { error_code },
      });
      // Messages are sent as ever, and nothing is asked.
      expect((await service.call(a.ann, "POST", `${a.path}/messages`, { content: "@helper" })).status).toBe(201);
      expect((await service.call(a.ann, "GET", `${a.path}/assistants`)).status).toBe(200);
    }
  });

  test("is for those who take part: 401, 403, and 404 for what is not there", async () => {
    await using a = await assisted();
    const { json } = await a.add();
    const nowhere = `/conversations/${newId()}/assistants`;
    for (const [method, path, body] of [
      ["GET", `${a.path}/assistants`],
      ["POST", `${a.path}/assistants`, input],
      ["DELETE", `${a.path}/assistants/${json.id}`],
    ] as const) {
      expect((await a.service.call(null, method, path, body)).status).toBe(401);
      expect((await a.service.call(a.eve, method, path, body)).status).toBe(403);
      expect((await a.service.call(a.ann, method, path.replace(`${a.path}/assistants`, nowhere), body)).status).toBe(
        404,
      );
    }
    expect((await a.service.call(a.ann, "DELETE", `${a.path}/assistants/${newId()}`)).status).toBe(404);
  });

  test("works in direct conversations and in those of projects", async () => {
    await using a = await assisted();
    const project_id = await a.world.project(a.ann, a.bob);
    const { json: direct } = await a.service.call<Conversation>(a.ann, "POST", "/conversations", {
      type: "direct",
      participant_ids: [a.bob.user_id],
    });
    const { json } = await a.service.call<{ items: Conversation[] }>(
      a.ann,
      "GET",
      `/conversations?project_id=${project_id}`,
    );
    for (const { id } of [direct, ...json.items]) {
      const path = `/conversations/${id}`;
      expect((await a.service.call(a.bob, "POST", `${path}/assistants`, input)).status).toBe(201);
      await a.service.call(a.bob, "POST", `${path}/messages`, { content: "@helper" });
    }
    expect(json.items).toHaveLength(1);
  });
});

describe("settings", () => {
  const config = { assistants_key: null, assistants_models: null, assistants_daily_tokens: 5 };

  test("are those of the environment; without a server there are none", () => {
    expect(assistantSettings({ ...config, assistants_url: null })).toBeUndefined();
    expect(assistantSettings({ ...config, assistants_url: ["http://a"], assistants_models: ["m"] })).toEqual({
      urls: ["http://a"],
      key: null,
      models: ["m"],
      daily_tokens: 5,
    });
  });

  test("allow the origins of all servers, with any path, without a slash at the end", () => {
    const settings = { urls: ["https://api.example.com/v1", "http://localhost:11434"] } as const;
    expect(allowedUrl(settings, "http://localhost:11434/v1/")).toBe("http://localhost:11434/v1");
    expect(allowedUrl(settings, "HTTPS://API.example.com:443")).toBe("https://api.example.com");
    expect(allowedUrl(settings, "http://localhost:11435")).toBeUndefined();
    expect(allowedUrl({ urls: ["data:x"] }, "data:x")).toBeUndefined();
  });
});

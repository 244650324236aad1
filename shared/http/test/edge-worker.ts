import { Type } from "@sinclair/typebox";
import { httpDeps } from "@stoa/testing/http-deps";
import { CloudflareAdapter } from "elysia/adapter/cloudflare-worker";
import { controller, createService, Id, lineLogger, operation, Text } from "../index.ts";

const Thing = Type.Object({ id: Id(), title: Text({ max: 10 }) });
const id = "019a0000-0000-7000-8000-000000000000";
const ann = { user_id: "u", session_id: "s", username: "ann", roles: [], is_superuser: false };

const http = httpDeps({
  adapter: CloudflareAdapter,
  service: "projects",
  environment: "production",
  verify: () => ({ ...ann, auth_time: 0, amr: [], expires_at: 0, token_id: "t" }),
  log: lineLogger("projects", "error", () => undefined),
  rate_limit_scale: 1,
  addressOf: (request) => request.headers.get("cf-connecting-ip") ?? undefined,
});

// At module scope: workerd makes no code inside a request.
const app = createService(http, [
  controller(http)
    .get(
      "/things/:id",
      ({ params }) => ({ id: params.id, title: "a" }),
      operation({ id: "test.read", access: "user", summary: "Read", params: Type.Object({ id: Id() }), answer: Thing }),
    )
    .post(
      "/things",
      ({ body }) => ({ id, title: body.title }),
      operation({
        id: "test.make",
        access: "user",
        summary: "Make",
        body: Type.Object({ title: Text({ max: 10 }) }),
        status: 201,
        answer: Thing,
      }),
    )
    .delete(
      "/things/:id",
      () => undefined,
      operation({ id: "test.delete", access: "user", summary: "Delete", answer: null }),
    )
    .get(
      "/elsewhere",
      () => Response.redirect("http://stoa.test/things"),
      operation({ id: "test.redirect", access: "anyone", summary: "Redirect" }),
    )
    .get(
      "/broken",
      () => {
        throw new Error("hunter2");
      },
      operation({ id: "test.fail", access: "anyone", summary: "Fail" }),
    ),
]);

export default { fetch: (request: Request): Response | Promise<Response> => app.fetch(request) };

import { type Static, Type } from "@sinclair/typebox";
import { sql } from "@stoa/db";
import { type AnswerSettings, controller, List, listQuery, Nullable, OneOf, operation, pagePlan } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { publishedKeys } from "./published.ts";

const tags = ["Keys"];

/** A signing key, without its key. */
const Key = Type.Object({
  kid: Type.String(),
  alg: Type.String(),
  status: OneOf(["next", "active", "retiring", "revoked"]),
  created_at: Type.String(),
  activated_at: Nullable(Type.String()),
  expires_at: Nullable(Type.String()),
});

/** The published keys, where other services and clients find them, and the list for superusers. */
export function keyRoutes(deps: Deps) {
  const { issuer } = deps;
  return controller(deps.http)
    .get(
      "/.well-known/jwks.json",
      async ({ set }) => cached(set, await publishedKeys(deps.db, deps.now())),
      operation({ access: "anyone", summary: "The keys that sign access tokens (RFC 7517)", tags, limit: "none" }),
    )
    .get(
      "/.well-known/openid-configuration",
      ({ set }) =>
        cached(set, {
          issuer,
          jwks_uri: `${issuer}/.well-known/jwks.json`,
          token_endpoint: `${issuer}/api/v1/auth/login`,
          userinfo_endpoint: `${issuer}/api/v1/users/me`,
          response_types_supported: [],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["ES256"],
          token_endpoint_auth_methods_supported: ["none"],
          claims_supported: [
            "iss",
            "aud",
            "sub",
            "sid",
            "jti",
            "iat",
            "exp",
            "auth_time",
            "roles",
            "is_superuser",
            "username",
          ],
        }),
      operation({ access: "anyone", summary: "Where to find what (OpenID Connect Discovery)", tags, limit: "none" }),
    )
    .get(
      "/api/v1/auth/keys",
      ({ query }) => listKeys(deps, query),
      operation({
        access: "superuser",
        summary: "List the signing keys",
        tags,
        query: listQuery({}),
        answer: List(Key),
      }),
    );
}

function cached<T>(set: AnswerSettings, document: T): T {
  set.headers["cache-control"] = "max-age=300";
  return document;
}

async function listKeys(deps: Deps, page: Static<ReturnType<typeof listQuery<Record<never, never>>>>) {
  const plan = pagePlan(deps.cursor_key, page, {
    name: "keys",
    order: [
      { column: "created_at", direction: "desc" },
      { column: "kid", direction: "desc" },
    ],
  });
  const [rows = [], [total] = []] = await deps.db.queryAll([
    sql`select kid, alg, status, created_at, activated_at, expires_at from signing_keys
      where ${plan.where} order by ${plan.order} limit ${plan.limit}`,
    ...(plan.count ? [sql`select count(*) as total from signing_keys`] : []),
  ]);
  return plan.finish(rows as Static<typeof Key>[], total?.["total"] as number | undefined);
}

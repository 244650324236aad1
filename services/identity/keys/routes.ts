import { type AnswerSettings, controller, List, listQuery, operation } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { listKeys, shapeKey } from "./list.ts";
import { publishedKeys } from "./published.ts";
import { readKey } from "./read.ts";
import { exampleJwk, exampleKey, Key, KeyParams } from "./schema.ts";

const tags = ["keys"];
const about = { access: "superuser", tags } as const;
const open = { access: "anyone", tags, limit: "none" } as const;

/** The published keys, for other services and clients, and the list for superusers. */
export function keyRoutes(deps: Deps) {
  const { issuer } = deps;
  return controller(deps.http)
    .get(
      "/.well-known/jwks.json",
      async ({ set }) => cached(set, await publishedKeys(deps.db, deps.now())),
      operation({
        ...open,
        summary: "The keys that sign access tokens (RFC 7517)",
        example: { answer: { keys: [exampleJwk] } },
      }),
    )
    .get(
      "/.well-known/openid-configuration",
      ({ set }) => cached(set, discovery(issuer)),
      operation({
        ...open,
        summary: "Where to find what (OpenID Connect Discovery)",
        example: { answer: discovery("https://stoa.example.com") },
      }),
    )
    .get(
      "/api/v1/auth/keys",
      ({ query }) => listKeys(deps, query),
      operation({
        ...about,
        summary: "List the signing keys",
        query: listQuery({}),
        answer: List(Key),
        errors: ["invalid_cursor"],
      }),
    )
    .post(
      "/api/v1/auth/keys/rotate",
      async ({ cause }) => shapeKey(await readKey(deps.db, await deps.keys.rotate(cause))),
      operation({
        ...about,
        summary: "Let the published next key sign, and publish a new next one",
        description: `Answers with the key that signs now. The next key must have been published for six minutes, so that
every verifier knows it: until then 409 with Retry-After. (The first two were published together: they need not wait.)
Nothing that was signed before ends with it.`,
        answer: Key,
        errors: ["next_key_too_new"],
        example: { answer: exampleKey },
      }),
    )
    .post(
      "/api/v1/auth/keys/:kid/revoke",
      async ({ cause, params }) => shapeKey(await deps.keys.revoke(cause, params.kid, deps.revoke)),
      operation({
        ...about,
        summary: "Withdraw a signing key at once",
        description: `The emergency. No access token that it signed is taken any more, the one of this request included;
sessions go on, their refresh tokens give new ones. After the active key the next one signs at once.`,
        params: KeyParams,
        answer: Key,
        errors: ["not_found"],
        example: { answer: { ...exampleKey, status: "revoked", expires_at: "2026-11-20T10:00:00.000Z" } },
      }),
    );
}

function cached<T>(set: AnswerSettings, document: T): T {
  set.headers["cache-control"] = "max-age=300";
  return document;
}

/** Source: OpenID Connect Discovery 1.0, section 3. */
function discovery(issuer: string) {
  return {
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
  };
}

import { type AnswerSettings, controller, List, listQuery, operation } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { listKeys, shapeKey } from "./list.ts";
import { publishedKeys } from "./published.ts";
import { readKey } from "./read.ts";
import { Discovery, exampleJwk, exampleKey, Key, KeyParams, KeySet } from "./schema.ts";

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
        id: "jwks.get",
        ...open,
        summary: "Read the public keys of access tokens (RFC 7517)",
        description:
          "A JSON Web Key Set. It has the key that signs now, the next one, and those whose tokens are still good. Cache it for as long as `Cache-Control` says.",
        documented: KeySet,
        example: { answer: { keys: [exampleJwk] } },
      }),
    )
    .get(
      "/.well-known/openid-configuration",
      ({ set }) => cached(set, discovery(issuer)),
      operation({
        id: "openidConfiguration.get",
        ...open,
        summary: "Read the discovery document (OpenID Connect Discovery)",
        description: "The issuer, and where its keys and endpoints are.",
        documented: Discovery,
        example: { answer: discovery("https://stoa.example.com") },
      }),
    )
    .get(
      "/api/v1/auth/keys",
      ({ query }) => listKeys(deps, query),
      operation({
        id: "keys.list",
        ...about,
        summary: "List the signing keys",
        description: "All of them, newest first, also those that are revoked or have expired.",
        query: listQuery({}),
        answer: List(Key),
        errors: ["invalid_cursor"],
      }),
    )
    .post(
      "/api/v1/auth/keys/rotate",
      async ({ cause }) => shapeKey(await readKey(deps.db, await deps.keys.rotate(cause))),
      operation({
        id: "keys.rotate",
        ...about,
        summary: "Let the published next key sign, and publish a new next one",
        description: `The answer is the key that signs now. The next key must have been published for six minutes, so that
every verifier knows it; until then the answer is 409 with \`Retry-After\`. Tokens that were signed before stay good.`,
        answer: Key,
        errors: ["next_key_too_new"],
        example: { answer: exampleKey },
      }),
    )
    .post(
      "/api/v1/auth/keys/:kid/revoke",
      async ({ cause, params }) => shapeKey(await deps.keys.revoke(cause, params.kid, deps.revoke)),
      operation({
        id: "keys.revoke",
        ...about,
        summary: "Withdraw a signing key at once",
        description: `For emergencies. No access token that the key signed is taken any more, that of this request included.
Sessions go on: their refresh tokens give new access tokens. When the active key is revoked, the next one signs at once.`,
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

/**
 * Only what is true: Stoa is no OpenID provider, so that there is no authorization endpoint, no ID token, and no endpoint that
 * speaks OAuth. Verifiers find the key set and the issuer here.
 *
 * Source: RFC 8414, section 2.
 */
function discovery(issuer: string) {
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: [],
    grant_types_supported: [],
    claims_supported: [
      "iss",
      "aud",
      "sub",
      "sid",
      "jti",
      "iat",
      "exp",
      "auth_time",
      "amr",
      "roles",
      "is_superuser",
      "username",
    ],
  };
}

import { type Static, Type } from "@sinclair/typebox";
import { Nullable, OneOf, Text, Time } from "@stoa/http";

/** The status of a signing key: published, signing, published for the tokens it signed, or withdrawn. */
const KeyStatus = OneOf(["next", "active", "retiring", "revoked"], {
  description: "`active` signs; `next` is published and will; `retiring` signs no more, and its tokens are good.",
});
/** The status of a signing key: published, signing, published for the tokens it signed, or withdrawn. */
export type KeyStatus = Static<typeof KeyStatus>;

/** A signing key, without its key. */
export const Key = Type.Object(
  {
    kid: Type.String({ description: "The key's id: its thumbprint (RFC 7638)." }),
    alg: Type.String({ description: "What it signs with: `ES256`." }),
    status: KeyStatus,
    created_at: Time(),
    activated_at: Nullable(Time({ description: "Since when it signs." })),
    expires_at: Nullable(Time({ description: "When it leaves the published set." })),
  },
  { title: "Key" },
);
/** A signing key, without its key. */
export type Key = Static<typeof Key>;

/** A key's id in a path. */
export const KeyParams = Type.Object({ kid: Text({ max: 128, description: "A key's id." }) });

/** What the documentation shows. */
export const exampleKey = {
  kid: "0KQ2_nsWx6oLYBi5zvTGPp0Wc3BwYcbLgzRDmTUS9jk",
  alg: "ES256",
  status: "active",
  created_at: "2026-08-22T09:00:00.000Z",
  activated_at: "2026-11-20T09:00:00.000Z",
  expires_at: null,
} satisfies Key;

/** The published keys: a JSON Web Key Set (RFC 7517, section 5). */
export const KeySet = Type.Object(
  {
    keys: Type.Array(
      Type.Object(
        {
          kty: Type.String({ description: "The kind of key: `EC`." }),
          crv: Type.String({ description: "The curve: `P-256`." }),
          x: Type.String({ description: "Base64url." }),
          y: Type.String({ description: "Base64url." }),
          kid: Type.String({ description: "The key's id, as in the header of a token." }),
          alg: Type.String({ description: "What it signs with: `ES256`." }),
          use: Type.String({ description: "`sig`: it signs." }),
        },
        { title: "JsonWebKey" },
      ),
    ),
  },
  { title: "JsonWebKeySet" },
);

/** Source: RFC 8414, section 2. */
export const Discovery = Type.Object(
  {
    issuer: Type.String({ description: "`iss` of the tokens." }),
    jwks_uri: Type.String({ format: "uri", description: "Where the keys are." }),
    response_types_supported: Type.Array(Type.String(), { description: "None: Stoa is no OpenID provider." }),
    grant_types_supported: Type.Array(Type.String(), { description: "None, for the same reason." }),
    claims_supported: Type.Array(Type.String()),
  },
  { title: "DiscoveryDocument" },
);

/** A published key, as the documentation shows it. */
export const exampleJwk = {
  kty: "EC",
  crv: "P-256",
  x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
  y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
  kid: exampleKey.kid,
  alg: "ES256",
  use: "sig",
};

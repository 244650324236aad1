import { type Static, Type } from "@sinclair/typebox";
import { Nullable, OneOf, Text } from "@stoa/http";

/** The status of a signing key: published, signing, published for the tokens it signed, or withdrawn. */
const KeyStatus = OneOf(["next", "active", "retiring", "revoked"]);
/** The status of a signing key: published, signing, published for the tokens it signed, or withdrawn. */
export type KeyStatus = Static<typeof KeyStatus>;

/** A signing key, without its key. */
export const Key = Type.Object(
  {
    kid: Type.String(),
    alg: Type.String(),
    status: KeyStatus,
    created_at: Type.String(),
    activated_at: Nullable(Type.String()),
    expires_at: Nullable(Type.String({ description: "When it leaves the published set." })),
  },
  { title: "Key" },
);
/** A signing key, without its key. */
export type Key = Static<typeof Key>;

/** A key's id in a path. */
export const KeyParams = Type.Object({ kid: Text({ max: 128 }) });

/** What the documentation shows. */
export const exampleKey = {
  kid: "0KQ2_nsWx6oLYBi5zvTGPp0Wc3BwYcbLgzRDmTUS9jk",
  alg: "ES256",
  status: "active",
  created_at: "2026-08-22T09:00:00.000Z",
  activated_at: "2026-11-20T09:00:00.000Z",
  expires_at: null,
} satisfies Key;

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

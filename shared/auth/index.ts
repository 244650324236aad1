export { deriveKey, type KeyPurpose } from "./derive-key.ts";
export type { JwkSet } from "./key-set.ts";
export { type MemoryRevocations, memoryRevocations } from "./memory-revocations.ts";
export type { Actor, Principal } from "./principal.ts";
export type { RevocationEvent } from "./revocation-entries.ts";
export { revocationHandlers } from "./revocation-handlers.ts";
export type { Override, Revocations, TokenSubject } from "./revocations.ts";
export { tableRevocations } from "./table-revocations.ts";
export { createVerifier, type Verifier, type VerifierOptions } from "./verifier.ts";

export { type Appended, append, type NewEvent } from "./append.ts";
export { type Committed, commit } from "./commit.ts";
export { forgetAddresses } from "./forget.ts";
export {
  type Claim,
  claimKey,
  type IdempotencyKey,
  idempotency,
  idempotencyHours,
  purgeKeys,
  type UsedKey,
  usedKey,
} from "./idempotency.ts";
export { envelopeOf, journalId, lastSeq, readAfter } from "./read.ts";
export { retrying } from "./retrying.ts";
export { guardTable, type JournalRow, journal, journalIdentity } from "./table.ts";
export { journalTriggers } from "./triggers.ts";

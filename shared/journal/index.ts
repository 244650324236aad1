export { type Appended, append, happened, type NewEvent } from "./append.ts";
export { appendEach, type EachEvent, idAt } from "./append-each.ts";
export { appendList, type ListedEvent } from "./append-list.ts";
export { command, type Part, type StoreDeps, unmet } from "./command.ts";
export { type Committed, commit } from "./commit.ts";
export { DamagedEvent, type EventFault, eventFault } from "./damaged.ts";
export { forgetAddresses } from "./forget.ts";
export {
  type Claim,
  claimKey,
  type IdempotencyKey,
  idempotency,
  idempotencyHours,
  keyPurge,
  type UsedKey,
  unclaimed,
  usedKey,
} from "./idempotency.ts";
export { notErased } from "./not-erased.ts";
export { type JournalPage, journalPage } from "./page.ts";
export {
  type EventRow,
  envelopeColumns,
  envelopeOf,
  envelopesOf,
  eventData,
  eventIdAt,
  journalId,
  type Legible,
  lastSeq,
  legible,
  readAfter,
  type WrittenEvent,
} from "./read.ts";
export { retrying } from "./retrying.ts";
export type { Standstill } from "./standstill.ts";
export {
  auditedJournal,
  guardTable,
  type JournalRow,
  journal,
  journalIdentity,
  ofNoProject,
  projectsJournal,
} from "./table.ts";
export { journalTriggers } from "./triggers.ts";

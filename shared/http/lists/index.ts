export { fingerprint } from "./canonical.ts";
export { created } from "./created.ts";
export {
  type AnswerSettings,
  type IfMatch,
  ifMatch,
  type RequestHeaders,
  requireMatch,
  sameVersion,
  tagged,
  type Versioned,
  versionConflict,
} from "./etag.ts";
export { type IdempotentRequest, idempotent } from "./idempotent.ts";
export type { OrderColumn } from "./keyset.ts";
export {
  List,
  type ListSpec,
  listQuery,
  mapItems,
  type Page,
  type PagePlan,
  type PageQuery,
  type PageRequest,
  type PageSource,
  pagePlan,
  pageQuery,
  readPage,
} from "./page.ts";
export { type Change, changesOf, refuseReadOnly, valuesOf } from "./patch.ts";

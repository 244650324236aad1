export { nextBeat, onBeat } from "./beat.ts";
export { breathe } from "./breathe.ts";
export { chunks } from "./chunks.ts";
export {
  type Database,
  type DatabaseFault,
  type DatabaseOptions,
  openDatabase,
  type Result,
  type Results,
  type Row,
  type RowLists,
  type WriteOptions,
} from "./database.ts";
export { DamagedFileError, DatabaseError, type DatabaseFailure, toDatabaseError, violates } from "./errors.ts";
export { bytesOf, derivedId, idOf, newId, timeOf } from "./ids.ts";
export { DamagedValueError, type Json, jsonArrayOf, jsonIn, jsonOf, parseJson, storedJson } from "./json.ts";
export { pause } from "./pause.ts";
export { composeOnce, field, type Prepared, prepare } from "./prepare.ts";
export { type Kept, PURGED_AT_ONCE, type Purge, purge } from "./purge.ts";
export { randomHex } from "./random.ts";
export { recentMap } from "./recent-map.ts";
export { insertRow, updateRows } from "./rows.ts";
export {
  type Computed,
  columnsOfSubselect,
  computed,
  nullable,
  pickColumns,
  type RowOf,
  type RowShape,
  type RowsOf,
  returning,
  type Select,
  select,
  selectDistinct,
} from "./select.ts";
export {
  all,
  among,
  isSql,
  join,
  listed,
  marked,
  prepared,
  raw,
  type Sql,
  type SqlPart,
  type SqlValue,
  sql,
  unqualified,
} from "./sql.ts";
export type { Turns } from "./turns.ts";

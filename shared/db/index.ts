export {
  type Database,
  type DatabaseOptions,
  openDatabase,
  type Reader,
  type Result,
  type Row,
  rowsAs,
  type WriteOptions,
} from "./database.ts";
export { DamagedFileError, DatabaseError, type DatabaseFailure, toDatabaseError, violates } from "./errors.ts";
export { derivedId, newId, timeOf } from "./ids.ts";
export { insertRow, updateRows } from "./rows.ts";
export { all, isSql, join, prepared, raw, type Sql, type SqlValue, sql } from "./sql.ts";
export { yieldEvery } from "./yield-every.ts";

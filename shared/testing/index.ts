export { type EventuallyOptions, eventually } from "./eventually.ts";
export { type TestKeys, type TokenOverrides, testKeys } from "./keys.ts";
export { migrationOf, type TemporaryDatabase, type TestSchema, temporaryDatabase } from "./temporary-database.ts";

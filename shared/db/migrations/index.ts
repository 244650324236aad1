export { breakpoint, type Migration, type SchemaSql, statementsOf } from "./migration.ts";
export {
  type MigrateOptions,
  MigrationError,
  type MigrationState,
  migrate,
  migrationStates,
  type RollbackOptions,
  rollback,
  schemaIsCurrent,
  unknownTo,
} from "./run.ts";
export { schemaOf } from "./schema-of.ts";

export { type EventuallyOptions, eventually } from "./eventually.ts";
export { type Interception, intercepted } from "./intercepted.ts";
export { type TestKeys, type TokenOverrides, testKeys } from "./keys.ts";
export { meanwhile } from "./meanwhile.ts";
export {
  type CaddyServer,
  type CuttingProxy,
  chromium,
  freePort,
  type NatsOptions,
  type NatsServer,
  type ProcessOptions,
  type ServerProcess,
  type SqldServer,
  startCaddy,
  startNats,
  startProcess,
  startProxy,
  startSqld,
  type TemporaryDirectory,
  temporaryDirectory,
} from "./servers/index.ts";
export { migrationOf, type TemporaryDatabase, type TestSchema, temporaryDatabase } from "./temporary-database.ts";

export { atEveryStep, type Overtaken } from "./at-every-step.ts";
export { type DamageKind, damage, damageKinds, kindsOfDamage } from "./damage.ts";
export { type Doing, type Stage, stageOf, standIn, straysOf } from "./either-order.ts";
export { applyEvent, envelope, userEnabled } from "./events.ts";
export { type EventuallyOptions, eventually, LOOKS_IN_A_SECOND } from "./eventually.ts";
export { addressHeader, httpDeps, silent } from "./http-deps.ts";
export { type Interception, intercepted } from "./intercepted.ts";
export { type TestKeys, type TokenOverrides, testKeys } from "./keys.ts";
export { meanwhile } from "./meanwhile.ts";
export { nextMoment } from "./next-moment.ts";
export { testActor } from "./people.ts";
export { planOf } from "./plan-of.ts";
export { readOnce } from "./read-once.ts";
export { roundTrips } from "./round-trips.ts";
export { rowsOf } from "./rows.ts";
export { type Answer, type Problem, type Sending, send } from "./send.ts";
export {
  type CaddyServer,
  type CuttingProxy,
  chromium,
  type HeldPort,
  holdPort,
  holdWriteLock,
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
export {
  migrationOf,
  type Place,
  type TemporaryDatabase,
  type TestSchema,
  temporaryDatabase,
} from "./temporary-database.ts";
export { verified } from "./verified.ts";

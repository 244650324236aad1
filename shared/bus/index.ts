export { type EventsHealth, healthOf, type PartReason, type RelayStatus } from "./health.ts";
export { inProcess } from "./in-process.ts";
export { type Projector, type ProjectorOptions, type ProjectorStatus, startProjector } from "./projector.ts";
export { type ReadYourWrites, readYourWrites } from "./read-your-writes.ts";
export { Standstills } from "./standstills.ts";
export { type Projectors, startProjectors } from "./start-projectors.ts";
export { type Tail, tail } from "./tail.ts";
export {
  type Deliver,
  type EventSource,
  type Handler,
  JournalChanged,
  type Log,
  on,
  type Projection,
  type StartAt,
  sourceOf,
  sourcesOf,
  type Transport,
} from "./types.ts";

export { controller, type RequestContext } from "./controller.ts";
export type { CspMode, EventsState, HttpDeps } from "./deps.ts";
export * from "./lists/index.ts";
export { consoleLogger, type LogFields, type Logger, type LogLevel } from "./log.ts";
export { type Access, type NamedLimit, type OperationSpec, operation } from "./operation.ts";
export {
  Id,
  Nullable,
  OneOf,
  Patch,
  QueryBoolean,
  QueryInteger,
  QueryOneOf,
  QueryText,
  Text,
  type TextOptions,
  Time,
  Version,
} from "./schemas.ts";
export { createService } from "./service.ts";

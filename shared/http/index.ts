export { controller, type RequestContext } from "./controller.ts";
export { type CspMode, DatabaseAway, type EventsState, type HttpDeps } from "./deps.ts";
export {
  type AnswerSettings,
  created,
  type IfMatch,
  ifMatch,
  type RequestHeaders,
  tagged,
  type Versioned,
} from "./etag.ts";
export { type IdempotentRequest, idempotencyKey, idempotent } from "./idempotent.ts";
export * from "./list/index.ts";
export { consoleLogger, type LogFields, type Logger, type LogLevel, lineLogger } from "./log.ts";
export { type Access, type NamedLimit, type OperationSpec, operation } from "./operation.ts";
export {
  Day,
  type Defaulted,
  defaultsOf,
  described,
  Id,
  Nullable,
  OneOf,
  optional,
  Patch,
  QueryBoolean,
  QueryInteger,
  QueryList,
  QueryOneOf,
  QueryText,
  QueryUsers,
  Reference,
  Text,
  type TextOptions,
  Time,
  TimeZone,
  Version,
  withDefault,
} from "./schemas/index.ts";
export { createService } from "./service.ts";

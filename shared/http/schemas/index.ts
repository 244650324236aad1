export { type Defaulted, defaultsOf, described, Nullable, optional, Version, withDefault } from "./fields.ts";
export { Id, idAsStored, Reference } from "./id.ts";
export { Patch } from "./merge-patch.ts";
export { OneOf } from "./one-of.ts";
export { QueryBoolean, QueryInteger, QueryList, QueryOneOf, QueryText, QueryUsers } from "./query-fields.ts";
export { hasLength, Text, type TextOptions } from "./text.ts";
export { Day, isDay, Time, utc } from "./time.ts";
export { TimeZone } from "./time-zone.ts";

import { type TSchema, TypeGuard } from "@sinclair/typebox";
import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import { OperatorError } from "@stoa/errors";
import { eventCatalogue, isAdded, retiredEvents, type ServiceName } from "@stoa/events";

/** Where an event stands that cannot be read. */
export interface DamagedPlace {
  readonly service: ServiceName;
  readonly seq: number;
  /** `journal` unless said otherwise; `copy`: what messaging keeps of the last events of projects. */
  readonly in?: "journal" | "stream" | "copy";
  readonly event_id?: unknown;
  readonly type?: unknown;
}

/** What is wrong with an event. */
export interface EventFault {
  /** In words that go on after "cannot be read:". */
  readonly what: string;
  /** Whether a later version of Stoa may well have written it. */
  readonly newer?: true;
}

/**
 * An event of a journal or a stream that cannot be read, or that is missing. Whoever reads events in order stops before it:
 * what it said is not known, and what follows may build on it. The message is one line that names the event, and no value of
 * its data.
 */
export class DamagedEvent extends OperatorError {
  override readonly name = "DamagedEvent";
  readonly service: ServiceName;
  readonly seq: number;
  /** What to do about it, in a sentence. */
  readonly cure: string;

  constructor(place: DamagedPlace, fault: EventFault | "missing") {
    const { service, seq, event_id, type } = place;
    const named = `Event ${seq} of ${service} (${shown(type, "without a type")}, ${shown(event_id, "without an id")})`;
    const inside = insideOf(place);
    super(
      fault === "missing"
        ? `Event ${seq} of ${service} is missing ${inside}, which has later ones.`
        : `${named} cannot be read ${inside}: ${fault.what}.`,
    );
    this.service = service;
    this.seq = seq;
    this.cure = cureOf(place, fault);
  }
}

function insideOf({ service, in: where }: DamagedPlace): string {
  if (where === "stream") return `in the stream ${service.toUpperCase()}`;
  return where === "copy" ? "in work_events of messaging" : `in the journal of ${service}`;
}

function cureOf({ service, in: where }: DamagedPlace, fault: EventFault | "missing"): string {
  if (fault !== "missing" && fault.newer) return "Update Stoa to the version that wrote it.";
  if (where === "copy") return "Build it again with `bun run events rebuild messaging`.";
  return where === "stream"
    ? `Make the stream again with \`bun run events rebuild --stream ${service}\`.`
    : `Put that row back from a backup (docs/troubleshooting.md), or the whole database, and then run \`bun run events accept ${service}\`.`;
}

/** A name or an id as it stands in a row; what no name looks like is not shown, for it may be anything. */
function shown(value: unknown, otherwise: string): string {
  return typeof value === "string" && /^[\w.:-]{1,80}$/.test(value) ? value : otherwise;
}

/** Time of RFC 3339, with any offset. */
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** What an event says of itself, wherever it stands. */
export interface SaidOfEvent {
  readonly id: unknown;
  /** The event's name. */
  readonly name: unknown;
  readonly subject: unknown;
  readonly time: unknown;
  readonly data: unknown;
}

/**
 * What is wrong with an event; undefined when it is as its schema says. It may have fields that a later version added, and
 * lack those that were added after it was written.
 */
export function eventFault(
  service: ServiceName,
  { id, name, subject, time, data }: SaidOfEvent,
): EventFault | undefined {
  if (!isText(id)) return { what: "it has no id" };
  if (!isText(name)) return { what: "it has no type" };
  if (!isText(subject)) return { what: "it does not say what it is about" };
  if (typeof time !== "string" || !rfc3339.test(time) || Number.isNaN(Date.parse(time))) {
    return { what: "its time is none" };
  }
  if (retiredEvents[service].includes(name)) return undefined;
  const check = checkOf(service, name);
  if (!check) return { what: "its type is not known to this version of Stoa", newer: true };
  if (check.Check(data)) return undefined;
  // A path has names of the schema and places in lists, never a value.
  const path = check.Errors(data).First()?.path.slice(1).replaceAll("/", ".");
  return { what: `its data is not what its type says${path ? ` (${path})` : ""}` };
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const checks = new Map<string, TypeCheck<TSchema> | undefined>();

/** Compiled when it is first needed: most processes see few of the events that there are. */
function checkOf(service: ServiceName, name: string): TypeCheck<TSchema> | undefined {
  const key = `${service} ${name}`;
  if (!checks.has(key)) {
    const schemas: Readonly<Record<string, TSchema>> = eventCatalogue[service];
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    if (!schema) return undefined;
    checks.set(key, TypeCompiler.Compile(opened(schema)));
  }
  return checks.get(key);
}

/** The schema with room for what later versions add, and without what earlier ones did not have yet, at any depth. */
function opened<T extends TSchema>(schema: T): T {
  const { additionalProperties: _, required, ...others } = schema;
  const properties: Readonly<Record<string, TSchema>> | undefined = schema["properties"];
  const rest = required
    ? { ...others, required: required.filter((name: string) => !isAdded(properties?.[name])) }
    : others;
  const inside = Object.fromEntries(Object.entries(rest).map(([name, part]) => [name, openedPart(part)]));
  // The symbols by which TypeBox knows its kinds are no entries.
  return Object.assign({}, rest, inside) as T;
}

function openedPart(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(openedPart);
  if (TypeGuard.IsSchema(part)) return opened(part);
  if (typeof part !== "object" || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([name, each]) => [name, openedPart(each)]));
}

import type { Change } from "@stoa/events";
import { sameJson } from "@stoa/http/canonical-json";

/** The values of fields, by name. */
export type Values = Readonly<Record<string, unknown>>;

/** What an import makes of a thing that is here. */
export interface Merged {
  /** What really changes. */
  readonly changes: readonly Change[];
  /** The fields that people have changed since the last import, and that stay as they are. */
  readonly kept: readonly string[];
  /** What is remembered of this import: undefined when that is what was remembered before. */
  readonly remembered: Values | undefined;
}

/**
 * Compares three values of each field that is given: what is here, what the last import gave, and what this one gives.
 * What differs from the last import was changed here by people, and is kept; everything else follows the source.
 *
 * @param last what earlier imports gave; a field that they never gave was not changed since
 * @param given undefined: nothing is said of the field
 */
export function merge(present: Values, last: Values, given: Values, overwrite: boolean): Merged {
  const changes: Change[] = [];
  const kept: string[] = [];
  const remembered: Record<string, unknown> = {};
  for (const [field, to] of Object.entries(given)) {
    if (to === undefined) continue;
    const from = present[field] ?? null;
    if (!sameJson(from, to)) {
      if (!overwrite && last[field] !== undefined && !sameJson(last[field], from)) {
        kept.push(field);
        continue;
      }
      changes.push({ field, from, to });
    }
    if (last[field] === undefined || !sameJson(last[field], to)) remembered[field] = to;
  }
  const isNew = Object.keys(remembered).length > 0;
  return { changes, kept, remembered: isNew ? { ...last, ...remembered } : undefined };
}

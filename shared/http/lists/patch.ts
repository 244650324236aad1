import { type FieldError, StoaError } from "@stoa/errors";
import { sameJson } from "./canonical.ts";

/** A field that really changes. */
export interface Change<F extends string = string> {
  readonly field: F;
  readonly from: unknown;
  readonly to: unknown;
}

/**
 * Applies a JSON merge patch: absent is unchanged, null clears, objects merge, anything else replaces.
 *
 * Source: RFC 7396, section 2.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else if (value !== undefined) merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

/**
 * The fields that a merge patch really changes, in the order of `fields`. Empty means: answer 200 with the resource
 * as it is, and keep its version. Null clears: the change is to null.
 *
 * @param fields those the caller may change; others in the patch do not count
 */
export function changesOf<R extends object, F extends keyof R & string>(
  present: R,
  patch: { readonly [K in F]?: unknown },
  fields: readonly F[],
): Change<F>[] {
  return fields.flatMap((field) => {
    const to = patch[field];
    if (to === undefined) return [];
    const from = present[field] ?? null;
    return sameJson(from, to) ? [] : [{ field, from, to }];
  });
}

/** The changes as a row: `{ title: "new" }`, for `updateRows`. */
export function valuesOf<R extends object, F extends keyof R & string>(
  changes: readonly Change<F>[],
): { [K in F]?: R[K] } {
  return Object.fromEntries(changes.map(({ field, to }) => [field, to])) as { [K in F]?: R[K] };
}

/** What nobody sends on purpose: a fetched object carries them, and they are not compared. */
const alwaysIgnored = new Set(["version", "created_at", "updated_at", "deleted_at"]);

/**
 * Refuses read-only fields in a patch unless they equal the present value, so that a fetched object can be sent back.
 * `version` and times are always ignored.
 *
 * @param editable the fields that may change
 * @throws StoaError `validation_failed`, naming each field.
 */
export function refuseReadOnly(present: object, patch: object, editable: readonly string[]): void {
  const now = present as Record<string, unknown>;
  const errors = Object.entries(patch).flatMap(([field, value]): FieldError[] => {
    if (value === undefined || editable.includes(field) || alwaysIgnored.has(field) || field.endsWith("_at")) return [];
    return sameJson(now[field] ?? null, value)
      ? []
      : [{ path: `/${field}`, message: "This field cannot be changed here." }];
  });
  if (errors.length > 0) throw new StoaError("validation_failed", { errors });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

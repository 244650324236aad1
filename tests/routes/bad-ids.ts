import type { Operation } from "./operations.ts";
import type { BadRequest } from "./refusals.ts";
import { goodBody, propertiesOf } from "./samples.ts";
import type { Scenery } from "./scenery.ts";
import { paramsOf } from "./scenery.ts";

/** Malformed ids, encoded for a path. */
const absurd: readonly (readonly [what: string, encoded: string])[] = [
  ["a way up", "..%2f..%2fetc%2fpasswd"],
  ["10 kB", "a".repeat(10_240)],
  ["NUL", "%00"],
  ["NUL within", "01a0a0a0%00-7000-7000-8000-000000000001"],
  ["emoji", encodeURIComponent("🙂")],
  ["a number", "1"],
  ["a negative number", "-1"],
  ["null", "null"],
  ["SQL", encodeURIComponent("' or '1'='1")],
  ["an id with a blank", "01a0a0a0-7000-7000-8000-000000000001%20"],
  ["an id in braces", "%7B01a0a0a0-7000-7000-8000-000000000001%7D"],
  ["an id without dashes", "01a0a0a0700070008000000000000001"],
  ["a lone surrogate", "%ED%A0%80"],
  ["bytes that are no UTF-8", "%ff"],
  ["no escape", "%zz"],
  ["half an escape", "%E2%82"],
];

/** Well-formed ids of no resource. */
const unknown = [
  "00000000-0000-0000-0000-000000000000",
  "ffffffff-ffff-ffff-ffff-ffffffffffff",
  "01a0a0a0-7000-7000-8000-00000000000f",
];

/** Paths with ids that are malformed, unknown, or of another kind of resource. */
export function* badIds(operation: Operation, { ids, params }: Scenery): Iterable<BadRequest> {
  const own = paramsOf(operation.path, params);
  for (const [name, schema] of Object.entries(propertiesOf(operation.spec.params))) {
    const isId = schema["format"] === "uuid";
    const other = ids.filter((id) => id !== own[name]).map((id) => ["of another kind", id] as const);
    const nothing = unknown.map((id) => ["of nothing", id] as const);
    // Other parameters, such as an emoji, may have some of these values.
    const wrong = isId
      ? [...absurd, ...nothing, ...other]
      : absurd.filter(([what]) => /NUL|UTF|escape|surrogate/.test(what));
    for (const [what, value] of wrong) {
      yield {
        what: `${name} ${what}`,
        sending: { params: { [name]: value }, ...goodBody(operation) },
        expected: { status: 404, code: "not_found" },
      };
    }
  }
}

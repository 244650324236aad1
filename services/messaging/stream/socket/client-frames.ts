import { type Static, type TObject, Type } from "@sinclair/typebox";
import { StoaError } from "@stoa/errors";
import { Id, Nullable, Text } from "@stoa/http";
import { normalize } from "@stoa/http/normalize";
import { type Validator, validatorOf } from "@stoa/http/validator";

/** How many people one socket may ask about. */
export const MOST_SUBSCRIBED = 200;

/** The frames that a client sends, by their `type`. */
const frames = {
  authenticate: Type.Object({
    type: Type.Literal("authenticate"),
    token: Text({ max: 8_192, verbatim: true }),
    after: Type.Optional(Text({ min: 0, max: 64 })),
  }),
  view: Type.Object({ type: Type.Literal("view"), conversation_id: Nullable(Id()) }),
  typing: Type.Object({ type: Type.Literal("typing"), conversation_id: Id() }),
  presence: Type.Object({
    type: Type.Literal("presence"),
    user_ids: Type.Array(Id(), { maxItems: MOST_SUBSCRIBED }),
  }),
} as const satisfies Readonly<Record<string, TObject>>;

/** A frame that a client sends. */
export type ClientFrame = Static<(typeof frames)[keyof typeof frames]>;

const validators: ReadonlyMap<string, Validator> = new Map(
  Object.entries(frames).map(([type, schema]) => [type, validatorOf(schema, {})]),
);

/** A frame as it came: an object with its type; undefined when it is none. */
export function parseFrame(text: string | undefined): { readonly type: string; readonly frame: object } | undefined {
  if (text === undefined) return undefined;
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof frame !== "object" || frame === null || !("type" in frame)) return undefined;
  return typeof frame.type === "string" ? { type: frame.type, frame } : undefined;
}

/** @throws StoaError `validation_failed` for fields that are none of its type, and for types that do not exist */
export function validFrame({ type, frame }: { readonly type: string; readonly frame: object }): ClientFrame {
  const validator = validators.get(type);
  if (!validator) {
    const message = `This is one of ${[...validators.keys()].join(", ")}.`;
    throw new StoaError("validation_failed", { errors: [{ path: "/type", message }] });
  }
  // Its texts are taken as those of a body: ids in any case. They change in place.
  const found = normalize(frame, validator.schema).errors;
  const errors = found.length > 0 ? found : validator.validate(frame);
  if (errors.length > 0) throw new StoaError("validation_failed", { errors });
  return frame as ClientFrame;
}

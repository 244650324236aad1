import { OptionalKind, type TSchema } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import type { FieldError } from "@stoa/errors";
import type { OperationSpec } from "./operation.ts";
import { sentences } from "./sentences.ts";
import { strict } from "./strict.ts";

/** A compiled schema. */
export interface Validator {
  /** As compiled: objects take no unknown members, at any depth. */
  readonly schema: TSchema;
  /** Members of the body that are dropped unread: `version`, the times of the answer, and those the operation names. */
  readonly ignored: readonly string[];
  /** `Type.Optional(…)`: a request without a body is good too. */
  readonly optional: boolean;
  /** Of a body that may come as a form: what comes with it besides. */
  readonly form?: Validator | undefined;
  /** Every field at fault; empty when the value is good. */
  validate(value: unknown, prefix?: string): readonly FieldError[];
}

const none: readonly FieldError[] = [];

/** Whether code may be made at any time. Workers make it at module scope only, so there everything is compiled at once. */
const makesCodeLater = navigator.userAgent !== "Cloudflare-Workers";

/** What a validator takes from its operation. */
type Use = Pick<OperationSpec, "ignored" | "answer" | "form">;

/** Compiles a schema when it is first needed: most processes never need most of them. */
export function validatorOf(open: TSchema, operation: Use): Validator {
  let made: Validator | undefined;
  const validator = () => {
    made ??= compiled(open, operation);
    return made;
  };
  if (!makesCodeLater) return validator();
  return {
    optional: isOptional(open),
    get schema() {
      return validator().schema;
    },
    get ignored() {
      return validator().ignored;
    },
    get form() {
      return validator().form;
    },
    validate: (value, prefix) => validator().validate(value, prefix),
  };
}

function compiled(open: TSchema, operation: Use): Validator {
  const schema = strict(open);
  const check = TypeCompiler.Compile(schema);
  return {
    schema,
    ignored: ignoredIn(schema, operation),
    optional: isOptional(open),
    form: operation.form && validatorOf(operation.form, {}),
    validate: (value, prefix = "") => (check.Check(value) ? none : sentences(schema, value, prefix)),
  };
}

const isOptional = (schema: TSchema): boolean => schema[OptionalKind] === "Optional";

function ignoredIn(schema: TSchema, { ignored = [], answer }: Use): string[] {
  const own = propertiesOf(schema);
  const times = [own, propertiesOf(answer ?? undefined)].flatMap(Object.keys).filter((name) => name.endsWith("_at"));
  const candidates = ["version", "created_at", "updated_at", "deleted_at", ...times];
  const editable = (name: string) => Object.hasOwn(own, name) && own[name]?.readOnly !== true;
  return [...new Set([...candidates.filter((name) => !editable(name)), ...ignored])];
}

function propertiesOf(schema: TSchema | undefined): Readonly<Record<string, TSchema>> {
  return (schema?.["properties"] as Record<string, TSchema> | undefined) ?? {};
}

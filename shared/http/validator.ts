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

/** Compiles a schema when it is first needed. */
export function validatorOf(open: TSchema, operation: Pick<OperationSpec, "ignored" | "answer" | "form">): Validator {
  const schema = strict(open);
  let check = makesCodeLater ? undefined : TypeCompiler.Compile(schema);
  return {
    schema,
    ignored: ignoredIn(schema, operation),
    optional: open[OptionalKind] === "Optional",
    form: operation.form && validatorOf(operation.form, {}),
    validate: (value, prefix = "") => {
      check ??= TypeCompiler.Compile(schema);
      return check.Check(value) ? none : sentences(schema, value, prefix);
    },
  };
}

function ignoredIn(schema: TSchema, { ignored = [], answer }: Pick<OperationSpec, "ignored" | "answer">): string[] {
  const own = propertiesOf(schema);
  const times = [own, propertiesOf(answer ?? undefined)].flatMap(Object.keys).filter((name) => name.endsWith("_at"));
  const candidates = ["version", "created_at", "updated_at", "deleted_at", ...times];
  const editable = (name: string) => Object.hasOwn(own, name) && own[name]?.readOnly !== true;
  return [...new Set([...candidates.filter((name) => !editable(name)), ...ignored])];
}

function propertiesOf(schema: TSchema | undefined): Readonly<Record<string, TSchema>> {
  return (schema?.["properties"] as Record<string, TSchema> | undefined) ?? {};
}

import type { TSchema } from "@sinclair/typebox";
import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import { StoaError } from "@stoa/errors";
import type { OperationSpec } from "./operation.ts";
import { answerSchema } from "./strict.ts";

/** The statuses whose bodies an operation's `answer` describes. */
const described = new Set([200, 201, 202]);

/**
 * Checks what handlers answer against the schemas that their operations declare. It is for development and tests: what
 * production answers has passed there, and compiling some two hundred schemas is a sixth of the time that a start takes.
 */
export class AnswerChecks {
  readonly #checks: ReadonlyMap<OperationSpec, TypeCheck<TSchema>>;

  /** Compiles the schemas at once, because Workers cannot make code later. */
  constructor(operations: readonly OperationSpec[]) {
    this.#checks = new Map(
      operations.flatMap((spec) => (spec.answer ? [[spec, TypeCompiler.Compile(answerSchema(spec.answer))]] : [])),
    );
  }

  /** @throws StoaError `internal_error` when the body is not what the operation declares; the cause has no values */
  require(spec: OperationSpec | undefined, status: number, body: unknown): void {
    const check = spec && this.#checks.get(spec);
    if (!check || !described.has(status) || body instanceof Response || check.Check(body)) return;
    const { path = "", message = "" } = check.Errors(body).First() ?? {};
    throw new StoaError("internal_error", {
      cause: new TypeError(`The answer of ${spec.id} is not what it declares: ${message} (${path || "/"}).`),
    });
  }
}

import { describe, type ErrorCode } from "@stoa/errors";
import { statusOf } from "../operation.ts";
import { describeSchema } from "./describe-schema.ts";
import { type Described, errorCodes } from "./described.ts";
import { headersOf } from "./headers.ts";
import type { Content, ResponseObject, Schema } from "./openapi.ts";
import { membersOf, problemExample, problemSchemaOf } from "./problems.ts";
import { sample } from "./sample.ts";

/** Every answer of an operation, by status: its success, then its errors. @param schemas collects what is shared */
export function responsesOf(
  operation: Described,
  answer: Content | undefined,
  schemas: Map<string, Schema>,
): Record<string, ResponseObject> {
  const { spec } = operation;
  const codes = Map.groupBy(errorCodes(operation), (code) => describe(code).status);
  const successes = [statusOf(spec), ...(spec.otherStatus === undefined ? [] : [spec.otherStatus])];
  const statuses = [...new Set([...successes, ...codes.keys()])];
  return Object.fromEntries(
    statuses.map((status): [string, ResponseObject] => {
      const failures = codes.get(status) ?? [];
      const good = successes.includes(status);
      const headers = headersOf(operation, status, failures);
      const content: Content = {
        ...(good && answer),
        ...(failures.length > 0 && problems(operation, failures, schemas)),
      };
      return [
        String(status),
        {
          description: [...(good ? [meaningOf(operation, status)] : []), ...failures.map(named)].join("; "),
          ...(headers.length > 0 && { headers: Object.fromEntries(headers.map((name) => [name, headerRef(name)])) }),
          ...(Object.keys(content).length > 0 && { content }),
        },
      ];
    }),
  );
}

/** What a success is called: the operation's summary where it brings something. */
function meaningOf({ spec }: Described, status: number): string {
  return status === 204 ? "Done." : spec.summary;
}

function named(code: ErrorCode): string {
  return `${describe(code).title} (\`${code}\`)`;
}

function problems(operation: Described, codes: readonly ErrorCode[], schemas: Map<string, Schema>): Content {
  return {
    "application/problem+json": {
      schema: describeSchema(problemSchemaOf(operation.spec, codes), schemas),
      examples: Object.fromEntries(codes.map((code) => [code, exampleOf(operation, code)])),
    },
  };
}

/** Of a code that the operation declares in full; those of the checks before it look the same in every operation. */
function exampleOf({ spec, path }: Described, code: ErrorCode): { $ref: string } | { value: unknown } {
  const members = membersOf(spec, code);
  if (!members && !spec.errors?.includes(code)) return { $ref: `#/components/examples/${code}` };
  const properties = (spec.params?.["properties"] ?? {}) as Record<string, Schema>;
  const instance = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(sample(properties[name] ?? {}, name)));
  return { value: problemExample(code, instance, members) };
}

function headerRef(name: string): { $ref: string } {
  return { $ref: `#/components/headers/${name}` };
}

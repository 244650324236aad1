import { catalogue } from "@stoa/errors";
import type { Answer } from "./ask.ts";

/** What a refusal must answer. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  /** The invalid field: `errors` must name it or something inside it, and nothing outside. */
  readonly at?: string;
}

/** What is wrong with a refusal by the contract; empty when it is right. */
export function faultsOf(answer: Answer, expected: Refusal): string[] {
  const { status, headers, body } = answer;
  const faults: string[] = [];
  const must = (holds: boolean, fault: string) => {
    if (!holds) faults.push(fault);
  };
  const got = `${status} ${String(body["error_code"] ?? answer.text.slice(0, 80))}`;
  must(got === `${expected.status} ${expected.code}`, `answers ${got}, not ${expected.status} ${expected.code}`);
  if (status < 400) return faults;
  must(headers.get("content-type") === "application/problem+json", `comes as ${headers.get("content-type")}`);
  const code = String(body["error_code"]);
  must(Object.hasOwn(catalogue, code), `has a code that is not in the catalogue: ${code}`);
  must(body["type"] === `/docs/errors#${code}`, `has the type ${String(body["type"])}`);
  must(typeof body["title"] === "string" && body["title"] !== "", "has no title");
  must(body["status"] === status, `says ${String(body["status"])} in its body`);
  must(isSentence(body["detail"]), `says ${JSON.stringify(body["detail"])}, which is not a sentence`);
  must(typeof body["instance"] === "string" && body["instance"].startsWith("/"), "has no instance");
  must(body["request_id"] === headers.get("x-request-id"), "says another request id than its header");
  must(headers.get("x-content-type-options") === "nosniff", "has no security headers");
  must(status !== 401 || headers.get("www-authenticate") === "Bearer", "does not say how to authenticate");
  must(status !== 429 || Number(headers.get("retry-after")) >= 1, "does not say when to come back");
  if (code === "validation_failed") faults.push(...faultsOfFields(body["errors"], expected.at));
  return faults;
}

function faultsOfFields(errors: unknown, at: string | undefined): string[] {
  if (!Array.isArray(errors) || errors.length === 0) return ["names no field"];
  const named = errors as { path?: unknown; message?: unknown }[];
  const faults = named.flatMap(({ path, message }) =>
    typeof path === "string" && isSentence(message) ? [] : [`says of ${String(path)}: ${JSON.stringify(message)}`],
  );
  if (at === undefined) return faults;
  const within = (path: unknown) => path === at || String(path).startsWith(`${at}/`);
  const paths = named.map(({ path }) => String(path));
  return paths.every(within) ? faults : [...faults, `names ${paths.join(", ")}, not ${at}`];
}

/** Whether a text begins with a capital, ends with a full stop and has more than one word. */
function isSentence(text: unknown): boolean {
  return typeof text === "string" && text.length > 10 && /^[A-Z][^\n]*\.$/.test(text);
}

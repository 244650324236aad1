import { StoaError } from "@stoa/errors";
import { type TargetPolicy, targetFault } from "@stoa/webhooks/target";

/** A URL that events may be sent to, as it is kept: without its fragment. @throws StoaError `validation_failed` at `/url`. */
export function targetOf(targets: TargetPolicy, text: string): string {
  const message = targetFault(targets, text);
  if (message !== undefined) throw new StoaError("validation_failed", { errors: [{ path: "/url", message }] });
  const url = new URL(text);
  url.hash = "";
  return url.href;
}

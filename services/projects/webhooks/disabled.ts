import type { NewEvent } from "@stoa/journal";

/** The event that a project's webhook was switched off, for its receiver is gone. */
export function webhookDisabled(
  { id, scope_id }: { readonly id: string; readonly scope_id: string },
  time: string,
): NewEvent<"webhook.disabled"> {
  return {
    type: "webhook.disabled",
    aggregate_id: scope_id,
    entity_id: id,
    time,
    data: { webhook_id: id, scope_id },
  };
}

import type { Actor } from "@stoa/auth";
import { insertRow, newId, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Claim, command, type Part } from "@stoa/journal";
import { access, requireAccess, selectAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import type { AssistantDeps } from "./deps.ts";
import { keyOfName, reservedNames } from "./mentioned.ts";
import { selectAssistant } from "./row.ts";
import type { Assistant, NewAssistant } from "./schema.ts";
import { type AssistantSettings, allowedUrl } from "./settings.ts";
import { assistants } from "./table.ts";

/** Assistants of a conversation: with `always` each of them answers each message. */
export const MOST_ASSISTANTS = 10;

/**
 * Adds an assistant to a conversation.
 *
 * @param available undefined on Workers, where nothing would answer
 * @returns undefined when a guard did not hold that holds by now
 * @throws StoaError `not_found`, `forbidden`, `not_implemented`, `not_configured`, `validation_failed`, `name_taken`,
 *   `too_many_assistants`
 */
export async function addAssistant(
  { db, now }: StoreDeps,
  available: AssistantDeps | undefined,
  actor: Actor,
  conversation_id: string,
  { base_url = null, instructions = null, ...input }: NewAssistant,
  claim: Claim,
): Promise<Assistant | undefined> {
  const [found] = await db.query(selectAccess(actor, conversation_id));
  requireAccess(actor, found, "participate");
  const settings = requireSettings(available);
  const chosen = { ...input, instructions, base_url: permitted(settings, input, base_url) };
  const id = newId();
  const time = now().toISOString();
  const name_key = keyOfName(input.name);
  const present = sql`from assistants where conversation_id = ${conversation_id} and removed_at is null`;
  const free: Part = {
    guard: sql`not exists (select 1 ${present} and name_key = ${name_key})
      and not exists (select 1 from directory where username = ${name_key} and erased_at is null)`,
    why: () => new StoaError("name_taken"),
  };
  const few: Part = {
    guard: sql`(select count(*) ${present}) < ${MOST_ASSISTANTS}`,
    why: () => new StoaError("too_many_assistants"),
  };
  const added: Part = {
    effects: (happened) => [
      insertRow(
        assistants,
        { id, conversation_id, name_key, ...chosen, creator_id: actor.user_id, created_at: time },
        happened,
      ),
    ],
  };
  const rows = await command(
    db,
    actor.cause,
    {
      type: "assistant.added",
      aggregate_id: conversation_id,
      entity_id: id,
      time,
      data: { conversation_id, assistant_id: id, name: input.name, model: input.model, trigger: input.trigger },
    },
    [...access(actor, "participate", conversation_id), free, few, claim(id), added],
    selectAssistant(conversation_id, id),
  );
  return rows?.[0];
}

/** @throws StoaError `not_implemented`, `not_configured` */
function requireSettings(available: AssistantDeps | undefined): AssistantSettings {
  if (!available) throw new StoaError("not_implemented");
  if (!available.settings) throw new StoaError("not_configured");
  return available.settings;
}

/** The base URL, if it, the model and the name may be used. @throws StoaError `validation_failed` */
function permitted(
  settings: AssistantSettings,
  { name, model }: Pick<NewAssistant, "name" | "model">,
  base_url: string | null,
): string | null {
  if (/^@|[\s@]@/.test(name)) throw invalid("/name", "A name has no @ at its beginning: messages put it there.");
  if (reservedNames.has(keyOfName(name))) throw invalid("/name", "This name stands for everyone.");
  if (settings.models && !settings.models.includes(model)) {
    throw invalid("/model", `This must be one of ${settings.models.join(", ")}.`);
  }
  if (base_url === null) return null;
  const url = allowedUrl(settings, base_url);
  if (url === undefined) throw invalid("/base_url", "This is at none of the servers that the operator allows.");
  return url;
}

function invalid(path: string, message: string): StoaError {
  return new StoaError("validation_failed", { errors: [{ path, message }] });
}

import { StoaError } from "@stoa/errors";
import type { CarriedEvent, Format } from "../carrier.ts";

/** What the server sends over a socket: text frames, one JSON object each. `data` of an event is JSON already. */
export const socketFormat = {
  event: ({ id, event, data }: CarriedEvent): string =>
    `{"type":"event",${id === undefined ? "" : `"id":"${id}",`}"event":"${event}","data":${data}}`,
  heartbeat: (id?: string): string => (id === undefined ? '{"type":"alive"}' : `{"type":"alive","id":"${id}"}`),
  retry: (milliseconds: number): string => `{"type":"retry","after_ms":${milliseconds}}`,
} satisfies Format;

/** Says that a token was taken, and how many seconds it still has: a newer one should come before. */
export function authenticatedFrame(session_id: string, expires_in: number): string {
  return JSON.stringify({ type: "authenticated", session_id, expires_in });
}

/** Says why a frame of the client was refused. The socket stays open. @throws what is no refusal */
export function errorFrame(frame: string, error: unknown): string {
  if (!(error instanceof StoaError)) throw error;
  const { code, message, errors } = error;
  return JSON.stringify({ type: "error", frame, error_code: code, detail: message, ...(errors && { errors }) });
}

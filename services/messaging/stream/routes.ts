import { Type } from "@sinclair/typebox";
import { StoaError } from "@stoa/errors";
import { controller, operation, QueryText } from "@stoa/http";
import { receivedOf } from "@stoa/http/head";
import { type MessagingDeps, streamsOf } from "../deps.ts";
import { messageExample } from "../examples.ts";
import { StreamEvent } from "./events.ts";
import { TICKET_SECONDS } from "./tickets.ts";

const tags = ["stream"];
/** The query of what opens a stream or a socket. */
export const StreamQuery = Type.Object({
  after: QueryText({
    min: 0,
    max: 64,
    description: "The position to go on after, where Last-Event-ID cannot be sent. Empty: none.",
  }),
  ticket: QueryText({ max: 2_048, description: "A ticket, where Authorization cannot be sent." }),
});

const StreamTicket = Type.Object(
  {
    ticket: Type.String({ description: "Goes into the query of the stream." }),
    expires_in: Type.Integer({ description: "Seconds until it expires." }),
  },
  { title: "StreamTicket" },
);

/** An event of the stream, for the documentation. */
const streamExample = { id: "4f2c1a9b-17", event: "message.sent", data: messageExample };

/** The live stream, and tickets for it. */
export const streamRoutes = (deps: MessagingDeps) =>
  controller(deps.http, "/api/v1/stream")
    .get(
      "",
      async ({ principal, query, request }) => {
        const streams = streamsOf(deps);
        const isHead = receivedOf(request).method === "HEAD";
        const listener = query.ticket
          ? await streams.tickets[isHead ? "look" : "redeem"](query.ticket)
          : (principal ?? (await tokenRefused(deps, request)));
        const after = request.headers.get("last-event-id") ?? query.after;
        const stream = await streams.hub.open(listener, after === "" ? undefined : after);
        return new Response(stream, {
          headers: {
            "content-type": "text/event-stream; charset=utf-8",
            "cache-control": "no-store",
            // Tells nginx and its like to pass events on at once.
            "x-accel-buffering": "no",
          },
        });
      },
      operation({
        id: "stream.open",
        access: "anyone",
        summary: "Receive events as they happen (Server-Sent Events)",
        description: `The \`id\` of an event is a position. Send it back as \`Last-Event-ID\` or \`after\`, and the stream goes on from
there, with nothing missing and nothing twice. Without a position it begins now, with the event \`ready\`. A position that
cannot be resumed is answered by the event \`reset\`: read everything anew. Comments are sent as a sign of life. The stream
ends when the token expires or the session ends. The schema is that of one event: its \`event:\`, its \`id:\`, and its
\`data:\` as parsed JSON. Ignore events that you do not know.`,
        tags,
        query: StreamQuery,
        produces: "text/event-stream",
        documented: StreamEvent,
        ticket: true,
        headers: { "Last-Event-ID": "The position to go on after. `EventSource` sends it when it connects again." },
        errors: ["unauthorized", "invalid_token", "token_expired", "session_revoked", "not_implemented"],
        example: { answer: streamExample },
      }),
    )
    .post(
      "/ticket",
      async ({ actor }) => ({ ticket: await streamsOf(deps).tickets.issue(actor), expires_in: TICKET_SECONDS }),
      operation({
        id: "stream.tickets.create",
        access: "user",
        summary: "Get a ticket that opens one stream",
        description: "For clients that cannot send a header, such as `EventSource`. It works once, within a minute.",
        tags,
        answer: StreamTicket,
        secret: true,
        errors: ["not_implemented"],
        example: { answer: { ticket: "eyJhbGciOiJIUzI1NiJ9…", expires_in: TICKET_SECONDS } },
      }),
    );

/** The operation is open to anyone because of tickets, so a missing or bad token is refused here. */
export async function tokenRefused({ http }: MessagingDeps, { headers }: Request): Promise<never> {
  const header = headers.get("authorization")?.trim() ?? "";
  if (/^bearer\b/i.test(header)) await http.verify(header.slice("bearer".length).trim());
  throw new StoaError("unauthorized");
}

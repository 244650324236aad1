import { StoaError } from "@stoa/errors";
import { controller, operation } from "@stoa/http";
import { receivedOf } from "@stoa/http/head";
import { asksForSocket } from "@stoa/http/socket";
import { type MessagingDeps, streamsOf } from "../../deps.ts";
import { StreamQuery, tokenRefused } from "../routes.ts";
import { SocketSession } from "./session.ts";

/** The live stream as a WebSocket. */
export const socketRoutes = (deps: MessagingDeps) =>
  controller(deps.http, "/api/v1/ws").get(
    "",
    async ({ principal, query, request }) => {
      const { hub, live, tickets, unauthenticatedMs } = streamsOf(deps);
      const { upgrade, http, db } = deps;
      if (!upgrade) throw new StoaError("not_implemented");
      const received = receivedOf(request);
      const asks = asksForSocket(received);
      const named = principal !== null || query.ticket || (asks && !received.headers.has("authorization"));
      if (!named) await tokenRefused(deps, request);
      if (!asks) throw new StoaError("upgrade_required", { headers: { upgrade: "websocket" } });
      const listener = query.ticket ? await tickets.redeem(query.ticket) : (principal ?? undefined);
      const { verify, now, log } = http;
      const session = new SocketSession(
        { db, hub, live, verify, now, log, unauthenticatedMs },
        { listener, after: query.after },
      );
      if (!upgrade(received, session)) throw new StoaError("upgrade_required", { headers: { upgrade: "websocket" } });
    },
    operation({
      id: "sockets.open",
      access: "anyone",
      summary: "Receive events over a WebSocket",
      description: `The events of the stream, with typing and presence besides. Every frame is one JSON object with a \`type\`. The
first one from the client is \`{"type": "authenticate", "token": …, "after": …}\` within ten seconds, unless a ticket or an
\`Authorization\` header said who it is. An event is \`{"type": "event", "id", "event", "data"}\`; \`id\` is the position to
send as \`after\`. After close codes 4000 to 4099 come back; from 4100 on do not. See docs/messaging.md.`,
      tags: ["stream"],
      query: StreamQuery,
      status: 101,
      ticket: true,
      headers: { Upgrade: "`websocket`; with the other headers of a handshake (RFC 6455)." },
      errors: [
        "unauthorized",
        "invalid_token",
        "token_expired",
        "session_revoked",
        "upgrade_required",
        "not_implemented",
      ],
    }),
  );

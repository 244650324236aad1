import type { ServiceName } from "@stoa/events";
import { isOlder } from "@stoa/http/older";

/** What a service received. */
export interface Echo {
  service: ServiceName;
  method: string;
  path: string;
  request_id: string | null;
  forwarded: string | null;
  /** Whether the gateway says that it came by a path of older clients. */
  older: boolean;
  bytes: number;
}

/**
 * A service that answers with what it received. At `/health/ready` it answers with the name of its state in `states`, if
 * it has one there, and never when that is `silent`. Asked with `?late` it answers 408 before it has read the body.
 */
export function echoService(service: ServiceName, states: ReadonlyMap<ServiceName, string> = new Map()) {
  return Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    maxRequestBodySize: 64_000_000,
    async fetch(request, server) {
      const { pathname, search } = new URL(request.url);
      if (pathname.endsWith("/stream")) return events(request.signal);
      if (pathname.endsWith("/ws")) return server.upgrade(request) ? undefined : new Response(null, { status: 400 });
      const status = pathname === "/health/ready" && states.get(service);
      if (status === "silent") return new Promise<Response>(() => undefined);
      if (status) {
        const init = { status: status === "unavailable" ? 503 : 200, headers: { "stoa-health": status } };
        return Response.json({ service, status }, init);
      }
      if (search === "?late") return Response.json({ error_code: "request_timeout" }, { status: 408 });
      if (search === "?fail") return Response.json({ error_code: "not_a_member" }, { status: 422 });
      const answer: Echo = {
        service,
        method: request.method,
        path: pathname + search,
        request_id: request.headers.get("x-request-id"),
        forwarded: request.headers.get("x-forwarded-for"),
        older: isOlder(request),
        bytes: (await request.bytes()).length,
      };
      return Response.json(answer);
    },
    websocket: { message: (socket, message) => void socket.send(`echo ${message}`) },
  });
}

/** Sends one event at once and nothing more. A client receives it only if no proxy waits for more data. */
function events(signal: AbortSignal): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue("data: first\n\n");
      signal.addEventListener("abort", () => controller.close());
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

import type { Cause } from "@stoa/events";
import type { Exchange } from "./exchange.ts";

const DEVICE_LENGTH = 255;

/** Who and what caused the changes of a request. */
export function causeOf(exchange: Exchange): Cause {
  exchange.cause ??= {
    actor_id: exchange.principal?.user_id ?? null,
    session_id: exchange.principal?.session_id ?? null,
    request_id: exchange.request_id,
    traceparent: exchange.traceparent,
    ip_address: exchange.address ?? null,
    device_info: exchange.request.headers.get("user-agent")?.slice(0, DEVICE_LENGTH) ?? null,
  };
  return exchange.cause;
}

import type { PeopleDeps } from "@stoa/bus/read-your-writes";
import { StoaError } from "@stoa/errors";
import type { HttpDeps, ListDeps } from "@stoa/http";
import type { Upgrade } from "@stoa/http/socket";
import type { AssistantDeps } from "./assistants/deps.ts";
import type { Streams } from "./stream/streams.ts";

export type { PeopleDeps } from "@stoa/bus/read-your-writes";
export type { ListDeps } from "@stoa/http";
export type { StoreDeps } from "@stoa/journal";

/** What the service is made of. */
export interface MessagingDeps extends ListDeps, PeopleDeps {
  readonly http: HttpDeps;
  /** Live streams and their tickets; undefined where there are none (Workers): those routes answer 501. */
  readonly streams: Streams | undefined;
  /** AI assistants; undefined on Workers, where none answers. */
  readonly assistants: AssistantDeps | undefined;
  /** Makes WebSockets of requests; absent where there are none. */
  readonly upgrade?: Upgrade | undefined;
}

/** @throws StoaError `not_implemented` where there are no live streams (Workers) */
export function streamsOf({ streams }: MessagingDeps): Streams {
  if (!streams) throw new StoaError("not_implemented");
  return streams;
}

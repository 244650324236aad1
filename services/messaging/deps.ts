import type { PeopleDeps } from "@stoa/bus/read-your-writes";
import type { HttpDeps, ListDeps } from "@stoa/http";
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
}

import type { Principal } from "@stoa/auth";
import type { AnyElysia, ElysiaConfig } from "elysia";
import type { Limits } from "./limits.ts";
import type { Logger } from "./log.ts";
import type { Timer } from "./receive.ts";

/** How strict the Content-Security-Policy of answers is. */
export type CspMode = "strict" | "relaxed" | "disabled";

/** How a service's events travel, and how far behind it is. */
export interface EventsState {
  readonly transport: "in-process" | "nats" | "none";
  /** Events not yet applied, or not yet published; null when unknown. */
  readonly lag: number | null;
  /** Why events do not travel as they should; health and readiness are `degraded` unless it is empty. */
  readonly reasons: readonly HealthReason[];
}

/** What an operator must know about a part of the service. */
export interface HealthReason {
  /** Such as `relay` or `projector of identity`. */
  readonly part: string;
  /** What is wrong and what to do, in a sentence or two. */
  readonly reason: string;
}

/** The database of one of several services does not answer; health names it. */
export class DatabaseAway extends Error {
  override readonly name = "DatabaseAway";

  /** @param part such as `projects: database` */
  constructor(
    readonly part: string,
    cause: unknown,
  ) {
    super(`${part} does not answer.`, { cause });
  }
}

/** What the HTTP side of a service asks of its root. */
export interface HttpDeps {
  readonly service: string;
  readonly version: string;
  readonly environment: "development" | "test" | "production";
  /** Who an access token speaks for. Throws StoaError `invalid_token`, `token_expired` or `session_revoked`. */
  readonly verify: (token: string) => Principal | Promise<Principal>;
  readonly now: () => Date;
  /** Measures how long bodies take to arrive; the platform's timer when absent. */
  readonly timer?: Timer;
  readonly log: Logger;
  /** The origins that browsers may call from, exactly as they send them: `https://app.example.com`. */
  readonly cors_origins: readonly string[];
  readonly csp_mode: CspMode;
  /** The proxies whose `X-Forwarded-For` is believed, as CIDR. */
  readonly trusted_proxies: readonly string[];
  /** Multiplies every limit; 0 switches them off. */
  readonly rate_limit_scale: number;
  /** The limits of the process, where it holds more than one service; a service alone makes its own. */
  readonly limits?: Limits;
  /** Resolves when the database answers, rejects when it does not; with {@link DatabaseAway} where there are several. */
  readonly database: () => Promise<void>;
  /** Whether the database's schema is the one this code expects. */
  readonly schema_current: () => boolean | Promise<boolean>;
  readonly events: () => EventsState;
  /** What is known to be wrong with the database although it answers, or why it does not. Nothing is asked for this. */
  readonly faults?: () => readonly HealthReason[];
  /** The address of the peer of a request; undefined when it cannot be known. */
  readonly addressOf: (request: Request) => string | undefined;
  /** Elysia's adapter where it is not Bun's: `CloudflareAdapter` on Workers. */
  readonly adapter?: NonNullable<ElysiaConfig<"">["adapter"]>;
  /** What only this root can offer: the documentation pages on Bun. */
  readonly plugins?: readonly AnyElysia[];
}

import { Type } from "@sinclair/typebox";
import { controller } from "./controller.ts";
import { DatabaseAway, type HealthReason, type HttpDeps } from "./deps.ts";
import { operation } from "./operation.ts";
import { Nullable, Time } from "./schemas/index.ts";

const State = Type.String({
  title: "HealthState",
  enum: ["ok", "degraded", "unavailable"],
  description: "`degraded`: requests are served, and something that is not needed at once is away.",
});

const Status = Type.Object({ status: State }, { title: "HealthStatus" });

const Reasons = Type.Array(
  Type.Object(
    {
      part: Type.String({ description: "Such as `relay`, `projector of identity` or `database`." }),
      reason: Type.String({ description: "What is wrong and what to do, in a sentence or two." }),
    },
    { title: "HealthReason", description: "What is wrong with one part." },
  ),
  { description: "What is wrong with which part; absent when nothing is known to be." },
);

const Readiness = Type.Object({ status: State, reasons: Type.Optional(Reasons) }, { title: "Readiness" });

const Health = Type.Object(
  {
    status: State,
    reasons: Type.Optional(Reasons),
    version: Type.String({ description: "The version of Stoa." }),
    environment: Type.String({ description: "`development`, `test` or `production`." }),
    database: Type.String({ enum: ["ok", "unavailable"], description: "Whether the database answers." }),
    events: Type.Object(
      {
        transport: Type.String({ description: "How events reach the other services." }),
        lag: Nullable(
          Type.Integer({ description: "Events that are not delivered yet; null where that is not known." }),
        ),
      },
      { title: "EventsHealth", description: "How events get on." },
    ),
    timestamp: Time({ description: "When this was found." }),
  },
  { title: "Health" },
);

/** The health routes of a service. They need no token and know no limits. */
export function healthRoutes(http: HttpDeps) {
  const common = { access: "anyone", limit: "none", tags: ["health"] } as const;
  return controller(http)
    .get(
      "/health/live",
      () => ({ status: "ok" }),
      operation({
        id: "health.getLive",
        ...common,
        summary: "Check whether the process serves",
        description: "200 for as long as the process serves requests, whatever else is away.",
        answer: Status,
      }),
    )
    .get(
      "/health/ready",
      async ({ set }) => {
        const [away, schema] = await Promise.all([whyAway(http), whyOther(http)]);
        const why = away ?? schema;
        if (why) {
          set.status = 503;
          return unavailable(http, why);
        }
        const state = stateOf(http);
        set.headers["stoa-health"] = state.status;
        return state;
      },
      operation({
        id: "health.getReady",
        ...common,
        summary: "Check whether requests should be sent here",
        description:
          "503 when the database does not answer or has another schema than the one this version needs. `degraded` when requests are served and a part has stopped, such as the way of events to other services; `reasons` names it.",
        otherStatus: 503,
        answer: Readiness,
      }),
    )
    .get(
      "/health/db",
      async ({ set }) => {
        if (!(await whyAway(http))) return { status: "ok" };
        set.status = 503;
        return { status: "unavailable" };
      },
      operation({
        id: "health.getDatabase",
        ...common,
        summary: "Check whether the database answers",
        description: "503 when the database does not answer.",
        otherStatus: 503,
        answer: Status,
      }),
    )
    .get(
      "/health",
      async ({ set }) => {
        const away = await whyAway(http);
        const { transport, lag } = http.events();
        if (away) set.status = 503;
        return {
          ...(away ? unavailable(http, away) : stateOf(http)),
          version: http.version,
          environment: http.environment,
          database: away ? "unavailable" : "ok",
          events: { transport, lag },
          timestamp: http.now().toISOString(),
        };
      },
      operation({
        id: "health.get",
        ...common,
        summary: "Read the state of the service",
        description: "503 when the database does not answer.",
        otherStatus: 503,
        answer: Health,
      }),
    );
}

/** The state of a service whose database answers. */
function stateOf(http: HttpDeps): { status: string; reasons?: HealthReason[] } {
  const reasons = [...(http.faults?.() ?? []), ...http.events().reasons];
  return { status: reasons.length === 0 ? "ok" : "degraded", ...reasonsIn(reasons) };
}

function reasonsIn(reasons: readonly HealthReason[]): { reasons?: HealthReason[] } {
  return reasons.length === 0 ? {} : { reasons: [...reasons] };
}

/** What is known to be wrong, or else what was just found: the database itself may not be able to say more. */
function unavailable({ faults }: HttpDeps, found: HealthReason): { status: string; reasons: HealthReason[] } {
  const known = faults?.() ?? [];
  return { status: "unavailable", reasons: known.length > 0 ? [...known] : [found] };
}

/** Undefined when the database answers. What it said instead is for the log alone. */
async function whyAway({ database, log }: HttpDeps): Promise<HealthReason | undefined> {
  try {
    await database();
    return undefined;
  } catch (error) {
    log.warn({ err: error }, "the database does not answer");
    const part = error instanceof DatabaseAway ? error.part : "database";
    return { part, reason: "The database does not answer. Requests are served again as soon as it does." };
  }
}

/** Undefined when the database has the schema that this version needs. */
async function whyOther({ schema_current, log }: HttpDeps): Promise<HealthReason | undefined> {
  try {
    if (await schema_current()) return undefined;
    const reason = "The database has another schema than this version needs; `bun run db status` shows which.";
    return { part: "database", reason };
  } catch (error) {
    log.warn({ err: error }, "the database's schema cannot be read");
    return { part: "database", reason: "The schema of the database cannot be read." };
  }
}

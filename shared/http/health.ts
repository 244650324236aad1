import { Type } from "@sinclair/typebox";
import { controller } from "./controller.ts";
import type { HealthReason, HttpDeps } from "./deps.ts";
import { operation } from "./operation.ts";

const Reasons = Type.Array(Type.Object({ part: Type.String(), reason: Type.String() }), {
  description: "What is wrong with which part; only when the status is `degraded`.",
});

const Status = Type.Object({ status: Type.String() }, { title: "HealthStatus" });

const Readiness = Type.Object({ status: Type.String(), reasons: Type.Optional(Reasons) }, { title: "Readiness" });

const Health = Type.Object(
  {
    status: Type.String(),
    reasons: Type.Optional(Reasons),
    version: Type.String(),
    environment: Type.String(),
    database: Type.String(),
    events: Type.Object({ transport: Type.String(), lag: Type.Union([Type.Integer(), Type.Null()]) }),
    timestamp: Type.String(),
  },
  { title: "Health" },
);

/** The health routes of a service (api.md, section 5). They need no token and know no limits. */
export function healthRoutes(http: HttpDeps) {
  const common = { access: "anyone", limit: "none", tags: ["health"] } as const;
  return controller(http)
    .get(
      "/health/live",
      () => ({ status: "ok" }),
      operation({ ...common, summary: "Whether the process serves", answer: Status }),
    )
    .get(
      "/health/ready",
      async ({ set }) => {
        const [database, schema] = await Promise.all([answers(http), isCurrent(http)]);
        if (!database || !schema) {
          set.status = 503;
          return { status: "unavailable" };
        }
        const state = stateOf(http);
        set.headers["stoa-health"] = state.status;
        return state;
      },
      operation({ ...common, summary: "Whether requests should be sent here", answer: Readiness }),
    )
    .get(
      "/health/db",
      async ({ set }) => {
        if (await answers(http)) return { status: "ok" };
        set.status = 503;
        return { status: "unavailable" };
      },
      operation({ ...common, summary: "Whether the database answers", answer: Status }),
    )
    .get(
      "/health",
      async ({ set }) => {
        const database = await answers(http);
        const { transport, lag } = http.events();
        if (!database) set.status = 503;
        return {
          ...(database ? stateOf(http) : { status: "unavailable" }),
          version: http.version,
          environment: http.environment,
          database: database ? "ok" : "unavailable",
          events: { transport, lag },
          timestamp: http.now().toISOString(),
        };
      },
      operation({ ...common, summary: "The state of the service", answer: Health }),
    );
}

/** The state of a service whose database answers. */
function stateOf(http: HttpDeps): { status: string; reasons?: HealthReason[] } {
  const { reasons } = http.events();
  return reasons.length === 0 ? { status: "ok" } : { status: "degraded", reasons: [...reasons] };
}

async function answers({ database, log }: HttpDeps): Promise<boolean> {
  return database().then(
    () => true,
    (error: unknown) => {
      log.warn({ err: error }, "the database does not answer");
      return false;
    },
  );
}

async function isCurrent({ schema_current, log }: HttpDeps): Promise<boolean> {
  try {
    return await schema_current();
  } catch (error) {
    log.warn({ err: error }, "the database's schema cannot be read");
    return false;
  }
}

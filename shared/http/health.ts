import { Type } from "@sinclair/typebox";
import { controller } from "./controller.ts";
import type { HttpDeps } from "./deps.ts";
import { operation } from "./operation.ts";

const Status = Type.Object({ status: Type.String() }, { title: "HealthStatus" });

const Health = Type.Object(
  {
    status: Type.String(),
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
        return { status: http.events().connected ? "ok" : "degraded" };
      },
      operation({ ...common, summary: "Whether requests should be sent here", answer: Status }),
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
        const { transport, connected, lag } = http.events();
        if (!database) set.status = 503;
        return {
          status: database ? (connected ? "ok" : "degraded") : "unavailable",
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

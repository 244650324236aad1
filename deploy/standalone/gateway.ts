import { type ServiceName, services } from "@stoa/events";
import { DatabaseAway, type HttpDeps } from "@stoa/http";
import type { OpenApiDocument } from "@stoa/http/docs/index";
import type { RunningService } from "@stoa/runtime";
import { createGateway, type Documents } from "../gateway/app.ts";

/** The gateway of one process: its own pages, and a health that is the worst of the three services. */
export function gatewayOver(running: Readonly<Record<ServiceName, RunningService>>) {
  const parts = services.map((service) => running[service].http);
  const { plugins: _, ...shared } = running.identity.http;
  const http: HttpDeps = {
    ...shared,
    service: "gateway",
    database: async () => {
      await Promise.all(
        parts.map((part) =>
          part.database().catch((error: unknown) => {
            throw new DatabaseAway(`${part.service}: database`, error);
          }),
        ),
      );
    },
    schema_current: async () => (await Promise.all(parts.map((part) => part.schema_current()))).every(Boolean),
    faults: () =>
      parts.flatMap((its) =>
        (its.faults?.() ?? []).map(({ part, reason }) => ({ part: `${its.service}: ${part}`, reason })),
      ),
    events: () => {
      const states = parts.map((part) => part.events());
      return {
        transport: states[0]?.transport ?? "none",
        lag: Math.max(...states.map((state) => state.lag ?? 0)),
        reasons: parts.flatMap((its) =>
          its.events().reasons.map(({ part, reason }) => ({ part: `${its.service}: ${part}`, reason })),
        ),
      };
    },
  };
  return createGateway(http, {
    identity: () => documentOf(running.identity),
    projects: () => documentOf(running.projects),
    messaging: () => documentOf(running.messaging),
  } satisfies Documents);
}

async function documentOf(service: RunningService): Promise<OpenApiDocument> {
  const response = await service.fetch(new Request("http://localhost/swagger/json"));
  return (await response.json()) as OpenApiDocument;
}

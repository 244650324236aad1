import { type ServiceName, services } from "@stoa/events";
import { type OperationSpec, operationOf } from "@stoa/http/operation";
import type { AnyElysia } from "elysia";

/** A route of a service. */
export interface ServiceRoute {
  readonly service: ServiceName;
  readonly method: string;
  /** The path as declared: `/api/v1/tasks/:id`. */
  readonly path: string;
  /** The declaration; undefined for routes of plugins. */
  readonly spec: OperationSpec | undefined;
}

/** A route that was declared with `operation`. */
export interface Operation extends ServiceRoute {
  readonly spec: OperationSpec;
  /** The name: `PATCH /tasks/:id`. */
  readonly name: string;
}

/** Every route of the services. */
export function routesOf(apps: Readonly<Record<ServiceName, AnyElysia>>): ServiceRoute[] {
  return services.flatMap((service) =>
    apps[service].routes.map(({ method, path, hooks }) => ({ service, method, path, spec: operationOf(hooks) })),
  );
}

/** Every operation of the services. The health routes occur once for each service. */
export function operationsOf(apps: Readonly<Record<ServiceName, AnyElysia>>): Operation[] {
  return routesOf(apps).flatMap((route) => {
    const { method, path, spec } = route;
    return spec ? [{ ...route, spec, name: `${method} ${shortPath(path)}` }] : [];
  });
}

/** A path without the prefix of all paths. */
export function shortPath(path: string): string {
  return path.replace(/^\/api\/v1(?=\/)/, "");
}

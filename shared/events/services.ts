/** The three services, in start order. */
export const services = ["identity", "projects", "messaging"] as const;

/** The name of a service: the `source` of its events and the name of its database, migrations and stream. */
export type ServiceName = (typeof services)[number];

import type { Projection } from "@stoa/bus/types";

/** Identity's projections: none, since it follows no other service. */
export const projections: readonly Projection[] = [];

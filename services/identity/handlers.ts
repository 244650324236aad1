import type { Handler } from "@stoa/bus/types";

/** What identity does with events of other services: nothing yet. */
export const handlers: readonly Handler[] = [];

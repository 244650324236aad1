import { plant } from "./plant.ts";

/** Projections lose every tenth event; so does a projection that is rebuilt by the same code. */
plant(
  "shared/bus/plan.ts",
  '.filter(({ kind }) => kind === "projection" || reactions_due)',
  '.filter(({ kind }) => (kind === "projection" ? event.sequence % 10 !== 0 : reactions_due))',
);

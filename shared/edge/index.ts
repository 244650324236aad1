export { type EdgeFooting, type EdgeOptions, edgeFooting } from "./footing.ts";

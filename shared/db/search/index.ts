export { type Hit, hitsIn } from "./hits.ts";
export { indexMissing } from "./missing.ts";
export { type Searched, searchSchema } from "./schema.ts";
export { type OtherRows, type Rows, type Search, searchFor } from "./search.ts";
export { foldedText } from "./text.ts";
export { countHits, type Searching, type Walk, type Walked, walk } from "./walk.ts";

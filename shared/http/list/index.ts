export type { OrderColumn } from "./keyset.ts";
export { isNamed, type Named, namedBy } from "./named.ts";
export {
  EXACT_TO,
  List,
  type ListDeps,
  type ListSpec,
  listQuery,
  mapItems,
  type Page,
  type PagePlan,
  type PageQuery,
  type PageRequest,
  type PageSource,
  pagePlan,
  pageQuery,
  readPage,
  selectCount,
} from "./page.ts";

export type { OrderColumn } from "./keyset.ts";
export {
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
} from "./page.ts";

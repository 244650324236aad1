export type { OrderColumn } from "./keyset.ts";
export {
  List,
  type ListSpec,
  listQuery,
  mapItems,
  type Page,
  type PagePlan,
  type PageQuery,
  type PageRequest,
  pagePlan,
  pageQuery,
} from "./page.ts";

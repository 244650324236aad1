export { type Asset, documentationAssets } from "./assets.ts";
export { describeService, type ServiceInfo } from "./describe.ts";
export { mergeDocuments } from "./merge.ts";
export type { OpenApiDocument, OperationObject, ResponseObject } from "./openapi.ts";
export { type Definition, documentationPage, type ErrorEntry, errorList, errorsPage } from "./pages.ts";
export { assetResponse, documentation, html } from "./plugin.ts";

// Files of swagger-ui-dist, imported as text.
declare module "swagger-ui-dist/*.js" {
  const text: string;
  export default text;
}
declare module "swagger-ui-dist/*.css" {
  const text: string;
  export default text;
}

import type { components, paths } from "./schema";

type Prefix = "/api/v1";
type Short<P> = P extends `${Prefix}${infer Rest}` ? Rest : never;
type Full<P extends string> = `${Prefix}${P}`;
type Verb = "get" | "post" | "put";

type Operation<P extends string, V extends Verb> = Full<P> extends keyof paths ? paths[Full<P>][V] : never;
type With<V extends Verb> = { [P in keyof paths]: paths[P][V] extends object ? Short<P> : never }[keyof paths];

/** The paths below /api/v1 that have this method. */
export type GetPath = With<"get">;
export type PostPath = With<"post">;
export type PutPath = With<"put">;

/** The paths whose POST needs a request key. */
export type KeyedPath = {
  [P in keyof paths]: paths[P]["post"] extends { parameters: { header: { "Idempotency-Key": string } } } ? Short<P> : never;
}[keyof paths];

type Json<R> = R extends { content: { "application/json": infer Body } } ? Body : never;
type Responses<O> = O extends { responses: infer All } ? All[keyof All] : never;

/** The body of a success. */
export type Answer<P extends string, V extends Verb> = Json<Responses<Operation<P, V>>>;

/** The body that a request carries. */
export type Body<P extends string, V extends Verb> =
  Operation<P, V> extends { requestBody?: infer Carried } ? Json<Exclude<Carried, undefined>> : Record<string, never>;

/** What may stand in the address after `?`. */
export type Query<P extends string> =
  Operation<P, "get"> extends { parameters: { query?: infer Named } } ? Exclude<Named, undefined> : never;

/** A named schema of the description, such as `Schema<"MeAnswer">`. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** One item of a paged list. */
export type Item<P extends GetPath> = Answer<P, "get"> extends { items: (infer One)[] } ? One : never;

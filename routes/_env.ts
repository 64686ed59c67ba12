/** What a route is given, and how it answers. */
import { createFactory } from "hono/factory";
import type { VNode } from "preact";
import type { Sql } from "../db/connect.ts";
import type { CreditPlan, EstimateEnd } from "../db/status.ts";
import type { Section } from "../components/SiteHeader.tsx";
import type { Source } from "../market/instrument.ts";

/** Everything the site needs from outside; `main.ts` and the tests pass it to `createSite()`. */
export interface SiteEnv {
  sql: Sql;
  /** The one source whose instruments the site shows. */
  source: Source;
  /** The clock. */
  now: () => Date;
  /** Ends the sentence "Prices are …" of the banner: `simulated, as TWELVE_DATA_API_KEY is not set.` */
  sourceNote: string;
  /** What the provider's plan grants; null where no plan counts. */
  creditPlan: CreditPlan | null;
  /** When so many more credits will be spent, at best; null where no plan counts. */
  estimateEnd: EstimateEnd | null;
  /** When runs start by themselves; null where nothing starts them. */
  schedule: RunSchedule | null;
  /** Whether the token is the one that every change through the web needs. */
  isAdmin: (token: string) => Promise<boolean>;
}

/** When runs start by themselves. */
export interface RunSchedule {
  /** For people, times in UTC: `At 2 minutes past the hour`. */
  inWords: string;
  /** As the setting writes it. */
  expression: string;
  /** Whether one starts with each process that serves the site, too. */
  startsWithSite: boolean;
  /** The next `count` starts after now, ascending; fewer when there are no more. */
  next(count: number): Date[];
}

/** Hono's environment of every route: the site's environment are its bindings. */
export interface RouteEnv {
  Bindings: SiteEnv;
}

/** What a page says about itself to the layout. */
export interface PageProps {
  /** Before the site's name in the title. */
  title: string;
  /** One sentence for search engines and link previews. */
  description?: string;
  /** The entry of the navigation that this page belongs to. */
  section?: Section;
}

declare module "hono" {
  interface ContextRenderer {
    (content: VNode, page: PageProps): Response | Promise<Response>;
  }
}

const factory = createFactory<RouteEnv>();

/** Types the handlers of one route. */
export const createRoute = factory.createHandlers;

/** Types a middleware. */
export const createMiddleware = factory.createMiddleware;

/** The browser's entry: finds the islands of the page and hydrates each with Preact. */
import { createClient } from "honox/client";
import { type ComponentType, h, hydrate, type VNode } from "preact";

createClient<VNode>({
  ISLAND_FILES: import.meta.glob("/islands/**/*.tsx"),
  createElement: (component: ComponentType, props: object) => h(component, props),
  hydrate: (element, root) => hydrate(element, root),
});

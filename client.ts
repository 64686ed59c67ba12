/** The browser's entry: brings the islands of the page to life as they come into view. */
import { type ComponentType, h, hydrate, render } from "preact";

const ISLAND = "honox-island";
/** Its islands listen for keys: they are wanted wherever the page is scrolled to. */
const HEADER = ".site-header";
/** An island is fetched a little before it is seen. */
const AHEAD = "300px";

type IslandModule = Record<string, ComponentType>;

const files = import.meta.glob<IslandModule>("/islands/*.tsx");

const inView = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    inView.unobserve(target);
    awaken(target);
  }
}, { rootMargin: AHEAD });

function expect(island: Element): void {
  if (island.closest(HEADER)) awaken(island);
  else inView.observe(island);
}

/** A page that is older than the site may ask for a file that is there no more. */
function awaken(island: Element): void {
  bringToLife(island).catch((error) => {
    console.error(error);
    const note = document.createElement("p");
    note.className = "chart-note";
    note.setAttribute("role", "status");
    note.append("This part did not come alive. ");
    const again = note.appendChild(document.createElement("a"));
    again.href = location.href;
    again.textContent = "Load the page again";
    island.append(note);
  });
}

/** HonoX wrote the island's module and its props beside the HTML that the server made of them. */
async function bringToLife(island: Element): Promise<void> {
  const file = files[island.getAttribute("component-name") ?? ""];
  const Component = (await file?.())?.[island.getAttribute("component-export") ?? "default"];
  if (Component === undefined || !island.isConnected) return;
  const props = JSON.parse(island.getAttribute("data-serialized-props") ?? "{}");
  hydrate(h(Component, props), island);
}

/** A part of the page that is replaced takes its islands along. */
new MutationObserver((changes) => {
  for (const { addedNodes, removedNodes } of changes) {
    for (const island of islandsOf(removedNodes)) {
      inView.unobserve(island);
      render(null, island);
    }
    for (const island of islandsOf(addedNodes)) expect(island);
  }
}).observe(document.body, { childList: true, subtree: true });

for (const island of document.querySelectorAll(ISLAND)) expect(island);

function islandsOf(nodes: NodeList): Element[] {
  return [...nodes].flatMap((node) =>
    node instanceof Element
      ? [...node.matches(ISLAND) ? [node] : [], ...node.querySelectorAll(ISLAND)]
      : []
  );
}

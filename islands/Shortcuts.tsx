import { useEffect, useRef, useState } from "preact/hooks";
import * as z from "zod/mini";
import { areSingleKeysOn, createKeyReader, setSingleKeys } from "./keys.ts";
import { SEARCH_ID } from "./search.ts";

const Props = z.object({
  /** Where `g` and a key lead. */
  pages: z.array(z.object({ key: z.string(), href: z.string(), label: z.string() })),
});

/** Keys of every page but those that lead to pages; alternatives are apart, keys pressed together are not. */
const EVERYWHERE: [keys: string[], what: string][] = [
  [["/", "Ctrl K", "⌘ K"], "Search"],
  [["t"], "Other theme"],
  [["?"], "These shortcuts"],
  [["Esc"], "Close, or leave the search"],
];
/** Keys of a price chart that has the focus. */
const IN_CHARTS: [keys: string[], what: string][] = [
  [["←", "→"], "Earlier, later"],
  [["+", "−"], "Closer, wider"],
  [["Home", "End"], "Oldest, newest"],
];

/** The keys of every page, and the dialog that lists them. Shown by `?` and what has `data-shortcuts`. */
export default function Shortcuts(props: z.infer<typeof Props>) {
  const { pages } = Props.parse(props);
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOn, turn] = useState(true);

  useEffect(() => {
    const readKey = createKeyReader(new Map(pages.map(({ key, href }) => [key, href])));
    const showHelp = () => {
      turn(areSingleKeysOn());
      dialog.current?.showModal();
    };
    const onKeyDown = (event: KeyboardEvent) => {
      const command = readKey(event, areSingleKeysOn());
      // Behind a dialog the page is not there.
      if (command === null || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      if (command === "search") document.getElementById(SEARCH_ID)?.focus();
      else if (command === "theme") switchTheme();
      else if (command === "help") showHelp();
      else location.assign(command.goTo);
    };
    const onClick = ({ target }: MouseEvent) => {
      if (target instanceof Element && target.closest("[data-shortcuts]")) showHelp();
    };
    showCurrentSection();
    document.addEventListener("keydown", onKeyDown);
    document.addEventListener("click", onClick);
    return () => {
      document.removeEventListener("keydown", onKeyDown);
      document.removeEventListener("click", onClick);
    };
  }, []);

  return (
    <dialog ref={dialog} class="shortcuts" aria-labelledby="shortcuts">
      <form method="dialog">
        <div class="card-head">
          <h2 id="shortcuts">Keyboard shortcuts</h2>
          <button class="icon-button" type="submit" aria-label="Close">✕</button>
        </div>
        <Keys title="Everywhere" keys={EVERYWHERE} />
        <Keys
          title="Pages, one key after the other"
          keys={pages.map(({ key, label }) => [[`g ${key}`], label])}
        />
        <Keys title="In a price chart that has the focus" keys={IN_CHARTS} />
        <label class="switch">
          <input
            type="checkbox"
            checked={isOn}
            onChange={({ currentTarget: { checked } }) => {
              setSingleKeys(checked);
              turn(checked);
            }}
          />
          Shortcuts of a single key
        </label>
        <p class="note">
          {isOn
            ? "They wait while you type in a field."
            : "Off: only Ctrl K and a chart's keys work."}
        </p>
      </form>
    </dialog>
  );
}

function Keys({ title, keys }: { title: string; keys: [keys: string[], what: string][] }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {keys.map(([alternatives, what]) => (
          <div key={what}>
            <dt>{alternatives.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Presses the switch in the head of the page, and leaves the focus where it is. */
function switchTheme(): void {
  const focused = document.activeElement;
  const button = [...document.querySelectorAll<HTMLButtonElement>(".theme-switch button")]
    .find((button) => button.offsetParent !== null);
  button?.form?.requestSubmit(button);
  if (focused instanceof HTMLElement) focused.focus();
}

/** The sections scroll sideways on a phone: the one at hand is to be seen. */
function showCurrentSection(): void {
  const current = document.querySelector<HTMLElement>(".topbar nav .current");
  const nav = current?.parentElement;
  if (!current || !nav) return;
  nav.scrollLeft = current.offsetLeft - nav.offsetLeft -
    (nav.clientWidth - current.offsetWidth) / 2;
}

import { useEffect } from "preact/hooks";
import * as z from "zod/mini";
import { COOKIE_SECONDS } from "./preference_cookies.ts";
import { systemTheme } from "./theme.ts";

const Props = z.object({
  /** The page that it is on, to come back to without a script. */
  address: z.string(),
});

/**
 * One button to the other theme: the style sheet shows the one that leads away from the theme at hand. It
 * is a form, which a browser without scripts sends.
 */
export default function ThemeSwitch(props: z.infer<typeof Props>) {
  const { address } = Props.parse(props);
  useEffect(() => {
    // A page that the browser kept may be older than the choice.
    addEventListener("pageshow", showChoice);
    return () => removeEventListener("pageshow", showChoice);
  }, []);
  return (
    <form class="theme-switch" method="post" action="/preferences" onSubmit={choose}>
      <input type="hidden" name="back" value={address} />
      <button
        type="submit"
        name="theme"
        value="dark"
        class="icon-button to-dark"
        title="Dark theme"
      >
        <svg width="18" height="18" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z" />
        </svg>
        <span class="visually-hidden">Dark theme</span>
      </button>
      <button
        type="submit"
        name="theme"
        value="light"
        class="icon-button to-light"
        title="Light theme"
      >
        <svg width="18" height="18" viewBox="0 0 24 24" aria-hidden="true">
          <circle cx="12" cy="12" r="4.2" />
          <path d="M12 2.5v2.6M12 18.9v2.6M2.5 12h2.6M18.9 12h2.6M5.3 5.3l1.8 1.8M16.9 16.9l1.8 1.8M18.7 5.3l-1.8 1.8M7.1 16.9l-1.8 1.8" />
        </svg>
        <span class="visually-hidden">Light theme</span>
      </button>
    </form>
  );
}

function choose(event: SubmitEvent): void {
  const button = event.submitter;
  if (!(button instanceof HTMLButtonElement)) return;
  event.preventDefault();
  // Who chooses what the system prefers follows the system again.
  const theme = button.value === systemTheme() ? null : button.value;
  document.cookie = theme === null
    ? "theme=; path=/; max-age=0; samesite=lax"
    : `theme=${theme}; path=/; max-age=${COOKIE_SECONDS}; samesite=lax`;
  showChoice();
  // The button that was pressed is hidden now: the focus stays where the switch is.
  const other = button.value === "dark" ? ".to-light" : ".to-dark";
  button.form?.querySelector<HTMLButtonElement>(other)?.focus();
}

function showChoice(): void {
  const theme = document.cookie.match(/(?:^|; )theme=(light|dark)(?:;|$)/)?.[1];
  if (theme === undefined) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

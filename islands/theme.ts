/** The theme as charts need it, which draw with colours and sizes and not with style sheets. */

/**
 * What custom properties such as `--up-mark` are in the theme at hand, as `rgb()` or `rgba()`.
 *
 * @param theme another one: paper is light whatever the screen is.
 */
export function readColors<Name extends string>(
  names: readonly Name[],
  theme: "light" | "at hand" = "at hand",
): Record<Name, string> {
  // A custom property is text that may hold light-dark(): what it comes to is seen where it is used.
  const probe = document.body.appendChild(document.createElement("i"));
  if (theme === "light") probe.className = "on-paper";
  try {
    return Object.fromEntries(names.map((name) => {
      probe.style.color = `var(${name})`;
      return [name, getComputedStyle(probe).color];
    })) as Record<Name, string>;
  } finally {
    probe.remove();
  }
}

/** Pixels of the style sheet's `rem`, which grows on a very large screen. */
export function remPx(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize);
}

const DARK = "(prefers-color-scheme: dark)";

/** The theme that the system prefers. */
export function systemTheme(): "light" | "dark" {
  return matchMedia(DARK).matches ? "dark" : "light";
}

/** Calls `redraw` when the system or the person changes the theme; returns what ends that. */
export function onThemeChange(redraw: () => void): () => void {
  const dark = matchMedia(DARK);
  dark.addEventListener("change", redraw);
  const choice = new MutationObserver(redraw);
  choice.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => {
    dark.removeEventListener("change", redraw);
    choice.disconnect();
  };
}

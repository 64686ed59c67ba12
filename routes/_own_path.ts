/** Addresses of this host. */

/**
 * The path of an address as a link to this host: still encoded, and with one slash in front: a
 * second one (or the backslash that a browser takes for it) would begin another host's name, and none a
 * scheme.
 */
export function ownPath(url: string): string {
  return new URL(url).pathname.replace(/^[\/\\]*/, "/");
}

/** A disk that can be full: a file system in memory of a chosen size. */

export interface SmallDisk {
  dir: string;
  resize(megabytes: number): void;
}

function mount(...args: string[]): boolean {
  try {
    return new Deno.Command("mount", { args, stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

function unmount(dir: string): void {
  new Deno.Command("umount", { args: ["-l", dir] }).outputSync();
}

const CAN_MOUNT = (() => {
  const dir = Deno.makeTempDirSync();
  const isMounted = mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", dir);
  if (isMounted) unmount(dir);
  Deno.removeSync(dir);
  return isMounted;
})();

/** Registers a test with a disk of its own; it is ignored where a file system cannot be mounted. */
export function testWithSmallDisk(
  name: string,
  megabytes: number,
  fn: (disk: SmallDisk) => Promise<void>,
): void {
  Deno.test({
    name: CAN_MOUNT ? name : `${name} [only root can mount the small disk that this needs]`,
    ignore: !CAN_MOUNT,
    async fn() {
      const dir = await Deno.makeTempDir({ prefix: "chandlery-disk-" });
      mount("-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", dir);
      try {
        await fn({
          dir,
          resize: (size) => void mount("-o", `remount,size=${size}m`, dir),
        });
      } finally {
        unmount(dir);
        await Deno.remove(dir);
      }
    },
  });
}

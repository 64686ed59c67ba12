/** The simulator on a real socket. */
import { OperatorError } from "../market/errors.ts";
import { BrokenOff } from "./faults.ts";
import { createSimulator, type SimulatorOptions } from "./simulator.ts";

/** A simulator and where it listens. */
export interface ServeOptions extends SimulatorOptions {
  /** 0 takes any free port. */
  port: number;
  /** Default `127.0.0.1`. */
  hostname?: string;
}

/** A simulator that listens. */
export interface ServedSimulator {
  /** Where it listens, without a slash at the end. */
  url: string;
  shutdown(): Promise<void>;
}

/**
 * Listens until `shutdown`.
 * @throws OperatorError when the address cannot be listened on. */
export function serveSimulator(
  { port, hostname = "127.0.0.1", ...options }: ServeOptions,
): ServedSimulator {
  const { fetch } = createSimulator(options);
  const ending = new AbortController();
  try {
    const server = Deno.serve({
      port,
      hostname,
      onListen: () => {},
      onError: (error) => {
        if (!(error instanceof BrokenOff)) console.error(error);
        return new Response(null, { status: 500 });
      },
    }, (request) => fetch(request, ending.signal));
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    return {
      url: `http://${host}:${server.addr.port}`,
      shutdown: () => {
        ending.abort();
        return server.shutdown();
      },
    };
  } catch (error) {
    const reason = error instanceof Deno.errors.AddrInUse
      ? "the port is in use; end what listens there or pass another --port"
      : error instanceof Error
      ? error.message
      : String(error);
    throw new OperatorError(`Cannot listen on ${hostname}:${port}: ${reason}`);
  }
}

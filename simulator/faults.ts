/** Faults on purpose: what a provider, and the way to it, do wrong from time to time. */
import { OperatorError } from "../market/errors.ts";
import { outOfCredits, serverError } from "./errors.ts";
import { hashIntegers, Random } from "./random.ts";

/** Every fault that can be asked for. */
export const FAULT_KINDS = [
  // The answer as a whole.
  "429",
  "500",
  "502_html",
  "timeout",
  "cut",
  "cut_json",
  // The candles in it.
  "wrong_types",
  "nan",
  "duplicate",
  "shuffled",
  "other_symbol",
  "empty",
] as const;
export type FaultKind = typeof FAULT_KINDS[number];

/** How often each kind of fault happens: a part of the requests, 0 to 1. */
export type FaultRates = Partial<Record<FaultKind, number>>;

/** The fault of one request, and the randomness that settles what exactly it does. */
export interface Fault {
  kind: FaultKind;
  random: Random;
}

/** What a connection meets that the simulator breaks off on purpose. */
export class BrokenOff extends Error {
  override readonly name = "BrokenOff";
}

/** The faults of one request after another: the same seed and rates give the same ones. */
export function makeFaults(rates: FaultRates, seed: number): () => Fault | null {
  let requests = 0;
  return () => {
    const random = new Random(hashIntegers(seed, 11, ++requests));
    // In an order of its own for each request, so that no kind hides those named after it.
    for (const kind of shuffled(FAULT_KINDS, random)) {
      if (random.uniform() < (rates[kind] ?? 0)) return { kind, random };
    }
    return null;
  };
}

/**
 * What becomes of an answer on its way under a fault of the whole answer; under any other it stays as
 * it is. A `timeout` is no answer, until one of the signals ends it with {@linkcode BrokenOff}.
 *
 * @param credits what the answer cost and what a minute has, for the words of a 429
 */
export async function failAnswer(
  response: Response,
  { kind, random }: Fault,
  credits: { cost: number; perMinute: number },
  signals: () => AbortSignal[],
): Promise<Response> {
  const { headers } = response;
  switch (kind) {
    case "429": {
      const error = outOfCredits("minute", credits.perMinute + credits.cost, credits.perMinute);
      return Response.json(error.body(), { status: 429, headers });
    }
    case "500":
      return Response.json(serverError().body(), { status: 500, headers });
    case "502_html":
      headers.set("Content-Type", "text/html");
      return new Response(BAD_GATEWAY, { status: 502, headers });
    case "timeout":
      return await endOf(signals());
    case "cut":
      return new Response(cutStream(await response.bytes()), { status: response.status, headers });
    case "cut_json": {
      const text = await response.text();
      const length = Math.floor(random.uniform() * text.length);
      return new Response(text.slice(0, length), { status: response.status, headers });
    }
    default:
      return response;
  }
}

/** The same things in a random order. */
export function shuffled<T>(things: readonly T[], random: Random): T[] {
  return things.map((thing) => ({ thing, place: random.uniform() }))
    .sort((a, b) => a.place - b.place)
    .map(({ thing }) => thing);
}

/** `KIND=RATE` of a command line. @throws {OperatorError} that says what may stand there. */
export function parseFault(text: string): FaultRates {
  const [name, rate, ...rest] = text.split("=");
  const kind = FAULT_KINDS.find((known) => known === name);
  if (kind === undefined) {
    throw new OperatorError(
      `Cannot simulate the fault "${name}": it must be one of ${FAULT_KINDS.join(", ")}`,
    );
  }
  const isRate = rest.length === 0 && /^(0|1|0?\.\d+)$/.test(rate ?? "");
  if (isRate) return { [kind]: Number(rate) };
  throw new OperatorError(
    `Cannot simulate the fault "${text}": its rate must be a number from 0 to 1, as ${kind}=0.3`,
  );
}

const BAD_GATEWAY =
  "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1>" +
  "</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

function endOf(signals: AbortSignal[]): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(new BrokenOff("held back until nobody waited for it"));
    for (const signal of signals) {
      if (signal.aborted) end();
      else signal.addEventListener("abort", end, { once: true });
    }
  });
}

/** The first half of the bytes, and then no end: on a socket the connection breaks. */
function cutStream(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let isSent = false;
  return new ReadableStream({
    pull(controller) {
      if (isSent) return controller.error(new BrokenOff("cut in the middle of the body"));
      isSent = true;
      controller.enqueue(bytes.subarray(0, Math.ceil(bytes.length / 2)));
    },
  });
}

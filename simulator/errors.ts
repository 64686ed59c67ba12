/** The provider's error answers, in its own words where they are recorded. */

/** An error answer: `{code, message, status: "error"}`, perhaps with a `meta`. */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }

  /** The JSON body of the answer. */
  body(meta?: ErrorMeta): Record<string, unknown> {
    const body = { code: this.code, message: this.message, status: "error" };
    return meta ? { ...body, meta } : body;
  }
}

/** What an error says of its request: the symbols as they came, in one text. */
export interface ErrorMeta {
  symbol: string;
  interval: string;
  exchange: string;
}

/** No key, or a wrong one. */
export const badKey = () =>
  new WireError(
    401,
    "**apikey** parameter is incorrect or not specified. You can get your free API key instantly following this link: https://twelvedata.com/pricing. If you believe that everything is correct, you can contact us at https://twelvedata.com/contact/customer",
  );

/** The key of the docs, which serves only their examples. */
export const demoKey = () =>
  new WireError(
    401,
    "The 'demo' API key is only used for initial familiarity. To become a full user, you can request your own API key at https://twelvedata.com/pricing. It is absolutely free, and it’s yours for a lifetime. It only takes 10 seconds to obtain your own API key!",
  );

/** A symbol that is missing, unknown, or not served at this interval. */
export const invalidSymbol = () =>
  new WireError(
    404,
    "**symbol** or **figi** parameter is missing or invalid. Please provide a valid symbol according to API documentation: https://twelvedata.com/docs#reference-data",
  );

/** An empty window. */
export const noData = () =>
  new WireError(
    400,
    "No data is available on the specified dates. Try setting different start/end dates.",
  );

/** A parameter outside its rule. The wording is recorded for `interval` only. */
export const invalidParameter = (name: string, value: string, rule: string) =>
  new WireError(400, `Invalid **${name}** provided: ${value}. ${rule}`);

/** The window is spent; `used` counts the refused request too. */
export const outOfCredits = (window: "minute" | "day", used: number, limit: number) => {
  const span = window === "minute" ? "for the current minute" : "for the day";
  return new WireError(
    429,
    `You have run out of API credits ${span}. ${used} API credits were used, with the current limit being ${limit}. Wait for the next ${window} or consider switching to a higher tier plan at https://twelvedata.com/pricing`,
  );
};

/** A symbol that the plan does not include. */
export const notInPlan = (plan: string) =>
  new WireError(
    404,
    `This symbol is available starting with the ${plan} plan. Consider upgrading now at https://twelvedata.com/pricing`,
  );

/** Something broke at the provider. The wording is not recorded. */
export const serverError = () => new WireError(500, "Internal server error. Try again later.");

/** A path that the simulator does not have. */
export const unknownEndpoint = (path: string) =>
  new WireError(404, `The simulator has no endpoint ${path}`);

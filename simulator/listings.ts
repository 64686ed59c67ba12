/** The instruments that the simulator knows, with levels and habits that make its prices believable. */
import type { InstrumentKind } from "../market/instrument.ts";
import type { Listing } from "./market.ts";

/** How the prices of a listing behave. */
export interface Profile extends Listing {
  /** The price on {@linkcode ANCHOR_DATE}. */
  level: number;
  /** Standard deviation of a year's log return. */
  yearlyVolatility: number;
  /** Expected log return of a year. */
  yearlyDrift: number;
  /** Decimals of the smallest price step. */
  decimals: number;
  /** Units of an ordinary day. */
  dailyVolume: number;
}

/** The date on which every profile has its level. */
export const ANCHOR_DATE = "2026-01-01";

const MIC_CODES: Record<string, string> = { NASDAQ: "XNGS", NYSE: "XNYS" };

type UsRow = [symbol: string, name: string, level: number, volatility: number, millions: number];

const NASDAQ_STOCKS: UsRow[] = [
  ["AAPL", "Apple Inc.", 270, 0.28, 48],
  ["MSFT", "Microsoft Corp", 485, 0.24, 22],
  ["GOOGL", "Alphabet Inc.", 310, 0.3, 34],
  ["GOOG", "Alphabet Inc.", 312, 0.3, 20],
  ["AMZN", "Amazon.com Inc", 230, 0.32, 42],
  ["META", "Meta Platforms Inc", 650, 0.35, 15],
  ["NVDA", "NVIDIA Corp", 187, 0.42, 180],
  ["TSLA", "Tesla Inc", 440, 0.55, 80],
  ["AVGO", "Broadcom Inc", 345, 0.45, 25],
  ["COST", "Costco Wholesale Corp", 870, 0.22, 2.4],
  ["NFLX", "Netflix Inc", 94, 0.34, 35],
  ["AMD", "Advanced Micro Devices Inc", 214, 0.52, 40],
  ["INTC", "Intel Corp", 37, 0.5, 75],
  ["CSCO", "Cisco Systems Inc", 77, 0.22, 20],
  ["ADBE", "Adobe Inc", 350, 0.34, 3.8],
  ["PEP", "PepsiCo Inc", 143, 0.2, 7],
  ["QCOM", "QUALCOMM Inc", 171, 0.36, 8],
  ["TXN", "Texas Instruments Inc", 174, 0.32, 6],
  ["AMGN", "Amgen Inc", 327, 0.25, 2.5],
  ["SBUX", "Starbucks Corp", 84, 0.3, 9],
];

const NYSE_STOCKS: UsRow[] = [
  ["JPM", "JPMorgan Chase & Co", 322, 0.24, 9],
  ["V", "Visa Inc", 350, 0.21, 6],
  ["MA", "Mastercard Inc", 570, 0.21, 2.8],
  ["JNJ", "Johnson & Johnson", 207, 0.17, 8],
  ["WMT", "Walmart Inc", 111, 0.21, 17],
  ["PG", "Procter & Gamble Co", 143, 0.17, 8],
  ["XOM", "Exxon Mobil Corp", 120, 0.24, 15],
  ["CVX", "Chevron Corp", 152, 0.24, 8],
  ["KO", "Coca-Cola Co", 70, 0.16, 14],
  ["DIS", "Walt Disney Co", 114, 0.28, 9],
  ["BAC", "Bank of America Corp", 55, 0.26, 38],
  ["GS", "Goldman Sachs Group Inc", 880, 0.28, 2],
  ["BA", "Boeing Co", 217, 0.36, 8],
  ["CAT", "Caterpillar Inc", 573, 0.3, 3.5],
  ["GE", "General Electric Co", 308, 0.3, 5],
  ["HD", "Home Depot Inc", 344, 0.23, 4],
  ["IBM", "International Business Machines Corp", 296, 0.27, 4],
  ["MCD", "McDonald's Corp", 306, 0.18, 3.3],
  ["NKE", "Nike Inc", 64, 0.34, 15],
  ["PFE", "Pfizer Inc", 25, 0.24, 45],
  ["T", "AT&T Inc", 25, 0.21, 35],
  ["UNH", "UnitedHealth Group Inc", 330, 0.38, 9],
  ["F", "Ford Motor Co", 13.1, 0.34, 60],
  ["BRK.B", "Berkshire Hathaway Inc", 502, 0.17, 4.5],
  ["RY", "Royal Bank of Canada", 170, 0.17, 1.2],
];

/** Tickers that an exchange of another country lists too; alone they mean the one of the USA. */
const TORONTO_STOCKS: UsRow[] = [
  ["RY", "Royal Bank of Canada", 234, 0.16, 4],
];

const ETFS: [...UsRow, exchange: string, micCode: string][] = [
  ["SPY", "SPDR S&P 500 ETF Trust", 682, 0.16, 75, "NYSE", "ARCX"],
  ["QQQ", "Invesco QQQ Trust", 614, 0.2, 52, "NASDAQ", "XNMS"],
  ["DIA", "SPDR Dow Jones Industrial Average ETF Trust", 481, 0.15, 4, "NYSE", "ARCX"],
  ["IWM", "iShares Russell 2000 ETF", 247, 0.22, 34, "NYSE", "ARCX"],
  ["VTI", "Vanguard Total Stock Market ETF", 335, 0.16, 4, "NYSE", "ARCX"],
  ["GLD", "SPDR Gold Shares", 396, 0.18, 12, "NYSE", "ARCX"],
];

type CryptoRow = [base: string, name: string, level: number, volatility: number, decimals: number];

const CRYPTO: CryptoRow[] = [
  ["BTC", "Bitcoin", 90_000, 0.48, 2],
  ["ETH", "Ethereum", 3_100, 0.65, 2],
  ["SOL", "Solana", 140, 0.8, 2],
  ["XRP", "XRP", 2.05, 0.75, 5],
  ["BNB", "Binance Coin", 870, 0.55, 2],
  ["ADA", "Cardano", 0.42, 0.8, 5],
  ["DOGE", "Dogecoin", 0.14, 0.9, 6],
  ["AVAX", "Avalanche", 13.2, 0.85, 4],
  ["DOT", "Polkadot", 2.1, 0.85, 4],
  ["LINK", "Chainlink", 13.1, 0.8, 4],
  ["LTC", "Litecoin", 80, 0.7, 2],
  ["BCH", "Bitcoin Cash", 600, 0.7, 2],
];

const CURRENCIES: Record<string, string> = {
  AUD: "Australian Dollar",
  CAD: "Canadian Dollar",
  CHF: "Swiss Franc",
  CNY: "Chinese Yuan",
  EUR: "Euro",
  GBP: "British Pound",
  INR: "Indian Rupee",
  JPY: "Japanese Yen",
  MXN: "Mexican Peso",
  NZD: "New Zealand Dollar",
  USD: "US Dollar",
  XAG: "Silver Spot",
  XAU: "Gold Spot",
};

const FOREX: [symbol: string, level: number, volatility: number, decimals: number][] = [
  ["EUR/USD", 1.16, 0.07, 5],
  ["GBP/USD", 1.345, 0.08, 5],
  ["USD/JPY", 156.7, 0.095, 3],
  ["USD/CHF", 0.793, 0.08, 5],
  ["AUD/USD", 0.667, 0.1, 5],
  ["USD/CAD", 1.371, 0.06, 5],
  ["NZD/USD", 0.576, 0.1, 5],
  ["EUR/GBP", 0.872, 0.055, 5],
  ["EUR/JPY", 184, 0.09, 3],
  ["USD/CNY", 6.99, 0.035, 5],
  ["USD/INR", 89.9, 0.04, 4],
  ["USD/MXN", 18, 0.11, 5],
  ["XAU/USD", 4_320, 0.2, 2],
  ["XAG/USD", 71, 0.35, 4],
];

const PRECIOUS_METALS = ["XAU", "XAG"];

/** Every instrument that the simulator knows. */
export const PROFILES: readonly Profile[] = [
  ...NASDAQ_STOCKS.map((row) => usProfile("stock", row, "NASDAQ")),
  ...NYSE_STOCKS.map((row) => usProfile("stock", row, "NYSE")),
  ...ETFS.map((row) => usProfile("etf", row, row[5], row[6])),
  usProfile("index", ["SPX", "S&P 500 Index", 6_850, 0.15, 2_900], "NYSE"),
  ...TORONTO_STOCKS.map((row) => ({
    ...usProfile("stock", row, "TSX", "XTSE"),
    currency: "CAD",
    exchangeTimezone: "America/Toronto",
  })),
  ...CRYPTO.map(([base, name, level, yearlyVolatility, decimals]) => ({
    ...listingOfPair(`${base}/USD`),
    name: `${name} US Dollar`,
    currencyBase: name,
    level,
    yearlyVolatility,
    yearlyDrift: 0.15,
    decimals,
    dailyVolume: 0,
  })),
  ...FOREX.map(([symbol, level, yearlyVolatility, decimals]) => ({
    ...listingOfPair(symbol),
    level,
    yearlyVolatility,
    yearlyDrift: 0,
    decimals,
    dailyVolume: 0,
  })),
];

/** The listing of any symbol, known or not; its kind is guessed from its form. */
export function listingOf(symbol: string): Listing {
  const known = PROFILES.find((profile) => profile.symbol === symbol);
  if (known) return known;
  return symbol.includes("/")
    ? listingOfPair(symbol)
    : usListing("stock", symbol, symbol, "NASDAQ");
}

function listingOfPair(symbol: string): Listing {
  const [base = "", quote = ""] = symbol.split("/");
  const baseName = CURRENCIES[base] ?? base;
  const quoteName = CURRENCIES[quote] ?? quote;
  const isCrypto = CRYPTO.some(([known]) => known === base);
  const kind = isCrypto ? "crypto" : PRECIOUS_METALS.includes(base) ? "commodity" : "forex";
  return {
    symbol,
    name: isCrypto ? `${baseName} ${quoteName}` : `${baseName} / ${quoteName}`,
    kind,
    exchange: isCrypto ? "Coinbase Pro" : null,
    micCode: null,
    currency: null,
    currencyBase: baseName,
    currencyQuote: quoteName,
    exchangeTimezone: null,
  };
}

function usListing(
  kind: InstrumentKind,
  symbol: string,
  name: string,
  exchange: string,
  micCode = MIC_CODES[exchange] ?? null,
): Listing {
  return {
    symbol,
    name,
    kind,
    exchange,
    micCode,
    currency: "USD",
    currencyBase: null,
    currencyQuote: null,
    exchangeTimezone: "America/New_York",
  };
}

function usProfile(
  kind: InstrumentKind,
  [symbol, name, level, yearlyVolatility, millions]: UsRow | typeof ETFS[number],
  exchange: string,
  micCode?: string,
): Profile {
  return {
    ...usListing(kind, symbol, name, exchange, micCode),
    level,
    yearlyVolatility,
    yearlyDrift: 0.09,
    decimals: kind === "index" ? 2 : 3,
    dailyVolume: millions * 1e6,
  };
}

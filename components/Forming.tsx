/** The newest candle is not over: its close will move. */
export function Forming() {
  return <span class="forming" title="The newest candle is still forming">forming</span>;
}

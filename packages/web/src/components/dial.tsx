const TICKS = 60;

const ticks = Array.from({ length: TICKS }, (_, i) => {
  const angle = (i / TICKS) * 2 * Math.PI;
  const long = i % 5 === 0;
  const point = (radius: number) => ({
    x: (50 + radius * Math.sin(angle)).toFixed(2),
    y: (50 - radius * Math.cos(angle)).toFixed(2),
  });
  return { from: point(long ? 39 : 42), to: point(47) };
});

/** How far a window has come, as a clock face that fills; `text` may stand in its middle. For the eye alone: say it in words beside it. */
export function Dial({ fraction, text }: { fraction: number; text?: string }) {
  const passed = Math.round(Math.min(1, Math.max(0, fraction)) * TICKS);
  return (
    <svg class="dial" viewBox="0 0 100 100" aria-hidden="true" focusable="false">
      {ticks.map(({ from, to }, i) => (
        <line key={i} class={`dial-tick${i < passed ? ' passed' : ''}`} x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
      ))}
      {text === undefined ? null : (
        <text class="dial-text" x="50" y="59">
          {text}
        </text>
      )}
    </svg>
  );
}

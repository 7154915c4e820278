import { useEffect, useState } from 'preact/hooks';
import { nowMs } from '../clock.js';

/** The time, renewed every `everyMs` while `running`. */
export function useNow(running: boolean, everyMs = 250): number {
  const [now, setNow] = useState(nowMs);
  useEffect(() => {
    if (!running) return undefined;
    setNow(nowMs());
    const timer = setInterval(() => {
      setNow(nowMs());
    }, everyMs);
    return () => {
      clearInterval(timer);
    };
  }, [running, everyMs]);
  return now;
}

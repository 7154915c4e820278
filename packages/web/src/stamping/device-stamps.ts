import { useEffect, useState } from 'preact/hooks';
import { service } from '../service/client.js';
import { Hasher } from './hasher.js';
import { DeviceMemory } from './memory.js';
import { Stamps } from './stamps.js';

let stamps: Stamps | undefined;

/** What is stamped on this device. It goes on while one looks at another page. */
function deviceStamps(): Stamps {
  if (stamps === undefined) {
    stamps = new Stamps({
      shared: () => import('../service/stamping-parts.js'),
      client: service,
      hasher: new Hasher(() => new Worker(new URL('./hash-worker.js', import.meta.url), { type: 'module' })),
      memory: new DeviceMemory(),
    });
    void stamps.load();
  }
  return stamps;
}

/** The same, for a component: it is drawn anew when anything changes. */
export function useDeviceStamps(): Stamps {
  const [, setChanges] = useState(0);
  const store = deviceStamps();
  useEffect(
    () =>
      store.subscribe(() => {
        setChanges((count) => count + 1);
      }),
    [store],
  );
  return store;
}

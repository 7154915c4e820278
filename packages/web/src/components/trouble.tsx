import { useEffect, useState } from 'preact/hooks';
import { useMessages } from '../i18n/language.js';

/** Whether the device says that it has a connection. */
export function useOnline(): boolean {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const update = () => {
      setOnline(navigator.onLine);
    };
    addEventListener('online', update);
    addEventListener('offline', update);
    return () => {
      removeEventListener('online', update);
      removeEventListener('offline', update);
    };
  }, []);
  return online;
}

/** Says that the service, or the connection, is away, and that nothing has to be done; nothing while all is well. */
export function Trouble({ isAway }: { isAway: boolean }) {
  const { common } = useMessages();
  const online = useOnline();
  return <div role="status">{isAway ? <p class="note caution">{online ? common.away : common.offline}</p> : null}</div>;
}

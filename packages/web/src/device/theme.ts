import { useEffect, useState } from 'preact/hooks';
import { recall, remember } from './preferences.js';

export type Theme = 'light' | 'dark';

const KEY = 'chronos.theme';

/** Applies what was chosen on this device; without a choice the system's theme holds, by CSS alone. */
export function applyTheme(): void {
  const chosen = recall(KEY);
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset['theme'] = chosen;
}

function currentTheme(): Theme {
  const chosen = document.documentElement.dataset['theme'];
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

/** The theme that is shown, and how to switch to the other. */
export function useTheme(): { theme: Theme; toggle: () => void } {
  const [theme, setTheme] = useState(currentTheme);
  useEffect(() => {
    const system = matchMedia('(prefers-color-scheme: dark)');
    const update = () => {
      setTheme(currentTheme());
    };
    system.addEventListener('change', update);
    return () => {
      system.removeEventListener('change', update);
    };
  }, []);
  const toggle = () => {
    const other = currentTheme() === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset['theme'] = other;
    remember(KEY, other);
    setTheme(other);
  };
  return { theme, toggle };
}

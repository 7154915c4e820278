import { type ComponentChildren, createContext } from 'preact';
import { useContext, useEffect, useMemo, useState } from 'preact/hooks';
import { forget, recall, remember } from '../device/preferences.js';
import { en, type Messages } from './en.js';
import { Formats } from './format.js';

/** The languages of the page, by tag; each but English is fetched when it is wanted. */
export const LANGUAGES = {
  en: { name: 'English', load: () => Promise.resolve(en) },
  de: { name: 'Deutsch', load: async () => (await import('./de.js')).de },
} as const satisfies Record<string, { name: string; load: () => Promise<Messages> }>;

export type Language = keyof typeof LANGUAGES;

const KEY = 'chronos.language';

function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(LANGUAGES, tag);
}

/** What was chosen on this device, or else the first of the browser's languages that the page has. */
export function preferredLanguage(): Language {
  const chosen = recall(KEY);
  if (chosen !== undefined && isLanguage(chosen)) return chosen;
  return navigator.languages.map(baseOf).find(isLanguage) ?? 'en';
}

function baseOf(tag: string): string {
  return tag.split('-')[0]!.toLowerCase();
}

/** The reader's own variant of the language, which knows how dates are written there. */
function localeOf(language: Language): string {
  return navigator.languages.find((tag) => baseOf(tag) === language && isWellFormed(tag)) ?? language;
}

/** A browser may name what is no language tag (`en-US@posix`), at which Intl throws. */
function isWellFormed(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

interface Spoken {
  language: Language;
  messages: Messages;
  formats: Formats;
  choose: (language: Language) => void;
}

const Context = createContext<Spoken | undefined>(undefined);

/** Everything below it speaks one language; `initial` is loaded already. */
export function Speaking({
  initial,
  children,
}: {
  initial: { language: Language; messages: Messages };
  children: ComponentChildren;
}) {
  const [{ language, messages }, setSpoken] = useState(initial);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const spoken = useMemo(
    () => ({
      language,
      messages,
      formats: new Formats(localeOf(language)),
      choose: (chosen: Language) => {
        if (chosen === baseOf(navigator.language)) forget(KEY);
        else remember(KEY, chosen);
        void LANGUAGES[chosen].load().then((loaded) => {
          setSpoken({ language: chosen, messages: loaded });
        });
      },
    }),
    [language, messages],
  );
  return <Context.Provider value={spoken}>{children}</Context.Provider>;
}

export function useLanguage(): Spoken {
  const spoken = useContext(Context);
  if (spoken === undefined) throw new Error('this stands outside of Speaking');
  return spoken;
}

/** The texts of the language that is spoken. */
export function useMessages(): Messages {
  return useLanguage().messages;
}

export function useFormats(): Formats {
  return useLanguage().formats;
}

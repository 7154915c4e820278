import type { ComponentChildren } from 'preact';
import { useTheme } from '../device/theme.js';
import { type Language, LANGUAGES, useLanguage, useMessages } from '../i18n/language.js';
import { Link } from '../router.js';
import { MoonIcon, SunIcon } from './icons.js';

/** What stands around every page. */
export function Shell({ children }: { children: ComponentChildren }) {
  const { shell } = useMessages();
  return (
    <>
      <a class="skip" href="#content">
        {shell.skip}
      </a>
      <header class="header">
        <Link href="/" class="brand">
          <Mark />
          <span aria-hidden="true">Chronos</span>
          <span class="visually-hidden">{shell.home}</span>
        </Link>
        <nav class="nav" aria-label={shell.nav}>
          <ul>
            <li>
              <Link href="/">{shell.stamp}</Link>
            </li>
            <li>
              <Link href="/verify">{shell.verify}</Link>
            </li>
            <li>
              <Link href="/status">{shell.status}</Link>
            </li>
          </ul>
        </nav>
        <div class="tools">
          <ThemeButton />
          <LanguageChoice />
        </div>
      </header>
      <main class="main" id="content" tabIndex={-1}>
        {children}
      </main>
      <footer class="footer">
        <div class="footer-inner">
          <p>{shell.promise}</p>
          <ul>
            <li>
              <a href="/docs/">{shell.api}</a>
            </li>
          </ul>
        </div>
      </footer>
    </>
  );
}

export function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <g fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round">
        <path d="M16 4a12 12 0 1 1-11.6 9" />
        <path d="M16 9.5V16l4.5 3" />
      </g>
    </svg>
  );
}

export function ThemeButton() {
  const { shell } = useMessages();
  const { theme, toggle } = useTheme();
  const label = theme === 'dark' ? shell.toLight : shell.toDark;
  return (
    <button type="button" class="icon-button" onClick={toggle} aria-label={label} title={label}>
      {theme === 'dark' ? <SunIcon /> : <MoonIcon />}
    </button>
  );
}

export function LanguageChoice() {
  const { messages, language, choose } = useLanguage();
  return (
    <select
      class="select"
      aria-label={messages.shell.language}
      value={language}
      onChange={(event) => {
        choose(event.currentTarget.value as Language);
      }}
    >
      {Object.entries(LANGUAGES).map(([tag, { name }]) => (
        <option key={tag} value={tag} lang={tag}>
          {name}
        </option>
      ))}
    </select>
  );
}

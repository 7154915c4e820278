import type { ComponentChildren } from 'preact';
import { LanguageChoice, Mark, ThemeButton } from './shell.js';

/** What stands around the page that is one file: it leads nowhere, for there may be nothing left to lead to. */
export function FileShell({ children }: { children: ComponentChildren }) {
  return (
    <>
      <header class="header">
        <p class="brand">
          <Mark /> <span>Chronos</span>
        </p>
        <div class="tools">
          <ThemeButton />
          <LanguageChoice />
        </div>
      </header>
      <main class="main">{children}</main>
    </>
  );
}

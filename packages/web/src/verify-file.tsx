import { render } from 'preact';
import { FileShell } from './components/file-shell.js';
import { applyTheme } from './device/theme.js';
import { LANGUAGES, preferredLanguage, Speaking } from './i18n/language.js';
import { VerifyPage } from './pages/verify.js';

// The verify page as one file, chronos-verify.html: everything is in it, and it verifies from a disk.

applyTheme();
const language = preferredLanguage();
void LANGUAGES[language].load().then((messages) => {
  render(
    <Speaking initial={{ language, messages }}>
      <FileShell>
        <VerifyPage />
      </FileShell>
    </Speaking>,
    document.getElementById('app')!,
  );
});

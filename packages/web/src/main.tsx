import { render } from 'preact';
import { App } from './app.js';
import { applyTheme } from './device/theme.js';
import { LANGUAGES, preferredLanguage, Speaking } from './i18n/language.js';

applyTheme();
const language = preferredLanguage();
const messages = await LANGUAGES[language].load();
render(
  <Speaking initial={{ language, messages }}>
    <App />
  </Speaking>,
  document.getElementById('app')!,
);

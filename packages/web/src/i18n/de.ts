import type { Messages } from './en.js';

const plural = (count: number, one: string, many: string) =>
  `${count.toLocaleString('de')} ${count === 1 ? one : many}`;

export const de: Messages = {
  language: 'Deutsch',
  shell: {
    skip: 'Zum Inhalt springen',
    home: 'Chronos, zum Anfang',
    nav: 'Hauptnavigation',
    stamp: 'Stempeln',
    status: 'Status',
    language: 'Sprache',
    toDark: 'Zur dunklen Darstellung wechseln',
    toLight: 'Zur hellen Darstellung wechseln',
    promise: 'Ihre Datei verlässt dieses Gerät nie; gesendet wird nur dieser Fingerabdruck aus 64 Zeichen.',
    api: 'API',
    source: 'Was hier gespeichert wird',
  },
  titles: {
    stamp: 'Beweisen, wann eine Datei da war',
    status: 'Status des Dienstes',
    notFound: 'Diese Seite gibt es nicht',
  },
  common: {
    loading: 'Wird geladen …',
    copy: 'Kopieren',
    copied: 'Kopiert',
    utc: 'UTC',
    opensElsewhere: 'führt zu einer anderen Website',
    localChain: 'Eine lokale Testkette beweist niemandem sonst etwas: Dies ist ein Probelauf.',
    testnet: 'Ein Testnetz kann gelöscht werden: Dies ist ein Probelauf.',
    unknownChain: 'Diese Seite kennt diese Kette nicht: Der Beweis ist so viel wert wie sie.',
    offline: 'Dieses Gerät ist offline. Es geht von selbst weiter, sobald die Verbindung wieder da ist.',
    away: 'Der Dienst antwortet im Augenblick nicht. Er wird von selbst wieder gefragt.',
    seconds: (count) => plural(count, 'Sekunde', 'Sekunden'),
    digests: (count) => plural(count, 'Fingerabdruck', 'Fingerabdrücke'),
  },
  notFound: {
    text: 'Unter dieser Adresse steht nichts. Vielleicht ist sie falsch geschrieben.',
    home: 'Zum Anfang',
  },
  status: {
    intro:
      'Fingerabdrücke werden in Fenstern gesammelt. Schließt ein Fenster, so verankert eine Transaktion alle seine Fingerabdrücke.',
    closesIn: (time) => `Das offene Fenster schließt in ${time}`,
    openWindow: 'Offenes Fenster',
    closes: 'schließt in',
    inWindow: 'Fingerabdrücke darin',
    lag: 'Rückstand beim Verankern',
    noLag: 'keiner: Jedes geschlossene Fenster ist verankert',
    totalDigests: 'Fingerabdrücke bisher',
    totalWindows: 'Fenster bisher',
    version: 'Version',
    chains: 'Ketten',
    chain: 'Kette',
    contract: 'Vertrag',
    state: 'Zustand',
    states: {
      ok: 'verankert',
      waiting: 'wartet',
      unreachable: 'nicht erreichbar',
      stopped: 'angehalten',
    },
    stateNote:
      'Kann auf eine Kette nicht geschrieben werden, so wird weiter gesammelt und verankert, sobald es wieder geht.',
    anchors: 'Letzte Anker',
    noAnchors: 'Noch wurde kein Fenster verankert.',
    window: 'Fenster',
    digests: 'Fingerabdrücke',
    final: 'Endgültig',
    block: 'Block',
    transaction: 'Transaktion',
    asOf: (time) => `Stand: ${time}`,
  },
};

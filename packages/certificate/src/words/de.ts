import type { Words } from './words.js';

export const de: Words = {
  title: 'Zeitstempel-Zertifikat',
  existedLead: 'Die Datei mit dem unten genannten SHA-256-Fingerabdruck existierte spätestens am',
  time: ({ year, month, day, clock }, zone) => `${day}. ${de.months[month - 1]} ${year}, ${clock} ${zone}`,
  inZone: (time, timeZone) => `${time} in der Zeitzone ${timeZone}`,
  months: [
    'Januar',
    'Februar',
    'März',
    'April',
    'Mai',
    'Juni',
    'Juli',
    'August',
    'September',
    'Oktober',
    'November',
    'Dezember',
  ],

  trialLocal:
    'Nur ein Versuch: Dieser Nachweis ist auf einer lokalen Test-Chain verankert und beweist niemandem sonst etwas.',
  trialTestnet:
    'Nur ein Versuch: Dieser Nachweis ist auf einem Testnetz verankert, das jederzeit gelöscht werden kann.',
  unknownChain: 'Dieses Programm kennt die Chain nicht: Der Nachweis ist so viel wert wie sie.',

  facts: 'Die Angaben',
  fileName: 'Dateiname',
  fileNameNote: 'angegeben von dem, der dieses Zertifikat erstellt hat; der Nachweis enthält keinen Namen',
  digest: 'Fingerabdruck',
  algorithm: 'SHA-256',
  noLaterThan: 'Existierte spätestens',
  localTime: 'In Ortszeit',
  blinding: 'Verschleierung',
  blinded:
    'Der Fingerabdruck blieb dem Dienst verborgen; dieses Zertifikat zeigt ihn. Geben Sie es nur an Personen weiter, die ihn kennen dürfen.',
  root: 'Wurzel des Fensters',
  window: 'Sammelfenster',
  windowValue: (seconds, start, position, size) =>
    `${seconds} Sekunden ab ${start}; darin Fingerabdruck ${position} von ${size}`,
  checked: 'Für dieses Zertifikat geprüft',
  checkedOnChain: (endpoints) => `jeder Schritt, auch auf der Chain, durch Anfrage bei ${endpoints}`,
  checkedOffline: 'nur die Hashwerte; die Chain wurde nicht gefragt',

  anchor: (number, of) => (of === 1 ? 'Auf der Chain' : `Auf der Chain, ${number} von ${of}`),
  chain: 'Chain',
  chainTitle: { mainnet: 'Zilliqa-Mainnet', testnet: 'Zilliqa-Testnet', local: 'lokale Test-Chain' },
  otherChain: 'Chain',
  contract: 'Vertrag (Contract)',
  transaction: 'Transaktion',
  block: 'Blocknummer',
  blockHash: 'Block-Hash',
  blockTime: 'Blockzeit',
  finality: 'Endgültigkeit',
  finalityEvm:
    'Der Block zählt, sobald seine Nummer nicht über der des Blocks liegt, den die Knoten „finalized“ nennen.',
  finalityScilla: 'Die Knoten nennen eine native Transaktion erst, wenn ihr Block endgültig ist.',
  explorer: 'Block-Explorer',

  proved: 'Was bewiesen ist',
  provedText: (block) =>
    `Dass eine Datei mit genau diesem Fingerabdruck existierte, als Block ${block} entstand. Die kleinste Änderung einer Datei ergibt einen anderen Fingerabdruck, und niemand weiß, wie man zwei Dateien mit demselben herstellt. Das beruht auf SHA-256 und auf der Chain, nicht auf Chronos.`,
  notProved: 'Was nicht bewiesen ist',
  notProvedList: [
    'Wer die Datei erstellt hat, wem sie gehörte oder wer sie zeitstempeln ließ.',
    'Dass etwas in der Datei wahr ist.',
    'Ein frühester Zeitpunkt: Die Datei kann viel älter sein.',
    'Dass sie die einzige ist: Auch andere Fassungen können zeitgestempelt worden sein.',
    'Die Zeit auf die Sekunde: Validatoren der Chain setzen sie; sie stimmt auf etwa eine Minute.',
  ],
  eidas:
    'Dies ist kein qualifizierter elektronischer Zeitstempel im Sinne der eIDAS-Verordnung (EU) Nr. 910/2014, und Chronos ist kein qualifizierter Vertrauensdiensteanbieter.',
  paper: 'Diese Seite allein beweist nichts',
  paperText:
    'Eine solche Seite könnte jeder drucken. Was überzeugt, ist der Nachweis: Er ist am Ende abgedruckt, und das PDF enthält ihn als angehängte Datei. Prüfen Sie ihn zusammen mit der Datei, um die es geht.',

  verifyPage: 'Prüfseite',
  scan: 'Prüfen',
  scanText: 'Öffnen Sie diese Adresse und geben Sie der Seite die Datei und den Nachweis.',
  qrAlt: (url) => `QR-Code mit der Adresse ${url}`,

  check: 'So wird geprüft',
  checkPage:
    'Am einfachsten geht es auf der Prüfseite. Sie fragt die Chain direkt von Ihrem Browser aus; weder die Datei noch ihr Fingerabdruck erreicht den Dienst. Dasselbe tut der Befehl:',
  checkHand: 'Von Hand, Schritt für Schritt',
  checkHandNeeds:
    'In einem Terminal mit bash, sha256sum, xxd und curl. Jeder ausgegebene Wert muss der sein, der danach hinter # steht.',
  stepDigest: '1. Der Fingerabdruck der Datei. Setzen Sie deren Namen für FILE ein. (Auf macOS: shasum -a 256 FILE)',
  stepRoot: '2. Vom Fingerabdruck zur Wurzel seines Fensters.',
  stepRootIs: 'Der letzte Wert ist die Wurzel, die auf die Chain geschrieben wurde.',
  stepLog:
    '3. Vom Fenster zur Wurzel des Verzeichnisses aller Fenster. (Das zeigt, dass der Dienst ein einziges Verzeichnis führt; die Zeit hängt nicht davon ab.)',
  stepChain: (chain) => `4. Fragen Sie irgendeinen Knoten von ${chain}; besser zwei, die nicht demselben gehören.`,
  stepReceipt: 'Die Transaktion.',
  stepReceiptHas: 'Die Antwort muss diese Werte enthalten, in Groß- oder Kleinschreibung:',
  stepNativeTransaction:
    'Die Antwort muss "success":true enthalten und ein Ereignis "Anchored" dieses Vertrags mit diesem Fenster und dieser Wurzel:',
  stepBlock: 'Der Block.',
  stepFinal: 'Der letzte endgültige Block.',
  stepFinalHas: (height) => `Seine Nummer darf nicht unter ${height} liegen.`,
  stepBlockHas: (time) => `Sein Hash muss derselbe sein; sein timestamp ist, in Sekunden seit 1970, ${time}:`,
  stepNativeBlockHas: (time) =>
    `Sein Hash muss der unten stehende sein; sein Timestamp ist, in Mikrosekunden seit 1970, ${time}:`,
  emittedBy: 'address',
  eventTopic: 'topics, 1.',
  windowTopic: 'topics, 2.',
  rootTopic: 'topics, 3.',

  proof: 'Der vollständige Nachweis',
  proofText:
    'Die Nachweisdatei im Format chronos-proof/1, vollständig; das PDF enthält dasselbe als angehängte Datei. Wer sie vom Papier abtippt: Zeilenumbrüche und Einrückungen spielen keine Rolle.',

  page: (number, of) => `Seite ${number} von ${of}`,
};

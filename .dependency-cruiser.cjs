// @ts-check
// The boundaries of the packages, and of the layers inside anchord. Every rule was seen to catch a violation planted for it.

/** Tests, and what serves them alone. */
const tests =
  '\\.test\\.tsx?$|^(packages|contracts)/[^/]+/src/(fixtures|testing|test-support)/|^packages/[^/]+/test/|^test/';
/** What builds artifact.json and the page, and is no part of the service. */
const buildTools = '^contracts/evm/src/(compile|build-artifact)\\.ts$|^packages/web/(vite\\.config|build/[^/]+)\\.mjs$';

const anchord = '^packages/anchord/src/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },

    {
      name: 'packages-meet-in-shared',
      comment: 'They never import each other, in their tests neither: what two of them need is in shared.',
      severity: 'error',
      from: { path: '^packages/(anchord|proxy|cli|web|devnet|certificate)/' },
      to: { path: '^packages/(anchord|proxy|cli|web)/', pathNot: '^packages/$1/' },
    },
    {
      name: 'certificate-for-command-and-page',
      severity: 'error',
      from: { pathNot: '^(packages/(cli|web|certificate)|test)/' },
      to: { path: '^packages/certificate/' },
    },
    {
      name: 'devnet-serves-tests-alone',
      severity: 'error',
      from: { pathNot: ['^packages/devnet/', tests] },
      to: { path: '^packages/devnet/' },
    },
    {
      name: 'shared-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^packages/shared/' },
      to: { path: '^(packages|contracts|test)/', pathNot: '^packages/shared/' },
    },
    {
      name: 'devnet-shares-no-code',
      comment: 'A double that shares our encoder shares our bugs; types it may have.',
      severity: 'error',
      from: { path: '^packages/devnet/', pathNot: tests },
      to: { path: '^(packages|contracts|test)/', pathNot: '^packages/devnet/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'contracts-stand-alone',
      severity: 'error',
      from: { path: '^contracts/' },
      to: { path: '^(packages|test)/' },
    },
    {
      name: 'nothing-imports-the-end-to-end-tests',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
    {
      name: 'zilliqa-js-in-anchord-and-devnet',
      severity: 'error',
      from: { pathNot: ['^packages/(anchord|devnet)/', tests] },
      to: { path: '(^|/)@zilliqa-js/' },
    },

    {
      name: 'anchord-main-on-top',
      severity: 'error',
      from: { path: anchord, pathNot: tests },
      to: { path: `${anchord}main\\.ts$` },
    },
    {
      name: 'anchord-commands-under-main',
      severity: 'error',
      from: { path: anchord, pathNot: [`${anchord}(main\\.ts$|commands/)`, tests] },
      to: { path: `${anchord}commands/` },
    },
    {
      name: 'anchord-under-main',
      severity: 'error',
      from: { path: anchord, pathNot: [`${anchord}(main\\.ts$|commands/)`, tests] },
      to: { path: `${anchord}anchord\\.ts$` },
    },
    {
      name: 'anchord-context-under-anchord',
      comment: 'A module takes what it uses, never the whole context.',
      severity: 'error',
      from: { path: anchord, pathNot: [`${anchord}(main|anchord)\\.ts$`, tests] },
      to: { path: `${anchord}context\\.ts$` },
    },
    {
      name: 'anchord-http-above-the-rest',
      severity: 'error',
      from: { path: `${anchord}(upkeep|windows|anchors|store|chain)/`, pathNot: tests },
      to: { path: `${anchord}http/` },
    },
    {
      name: 'anchord-upkeep-above-what-it-looks-after',
      severity: 'error',
      from: { path: `${anchord}(windows|anchors|store|chain)/`, pathNot: tests },
      to: { path: `${anchord}upkeep/` },
    },
    {
      name: 'anchord-store-and-chain-at-the-bottom',
      severity: 'error',
      from: { path: `${anchord}(store|chain)/`, pathNot: tests },
      to: { path: `${anchord}(windows|anchors|store|chain)/`, pathNot: `${anchord}$1/` },
    },
    {
      name: 'anchord-sees-the-chain-through-its-port',
      severity: 'error',
      from: { path: `${anchord}(http|windows|anchors)/`, pathNot: tests },
      to: { path: `${anchord}chain/`, pathNot: `${anchord}chain/chain\\.ts$` },
    },

    {
      name: 'declared-dependencies-only',
      comment:
        'It must stand in the package.json beside it, not only in the root one or in a dependency of a dependency.',
      severity: 'error',
      from: { pathNot: tests },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-dev-dependency-in-production',
      severity: 'error',
      from: { pathNot: [tests, buildTools] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-test-in-production',
      severity: 'error',
      from: { pathNot: tests },
      to: { path: tests },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/' },
    // Types too: a cycle or a boundary is crossed by `import type` just as well.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};

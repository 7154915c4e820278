// Jest runs what `tsc -b` built: the tests execute the very files that production runs, worker threads included.
export default {
  roots: ['<rootDir>/packages', '<rootDir>/contracts', '<rootDir>/test', '<rootDir>/scripts'],
  testMatch: [
    '<rootDir>/packages/*/dist/**/*.test.js',
    '<rootDir>/contracts/*/dist/**/*.test.js',
    '<rootDir>/test/dist/**/*.test.js',
    '<rootDir>/scripts/**/*.test.mjs',
  ],
  transform: {},
  testEnvironment: 'node',
  testTimeout: 30_000,
  // Many tests wait, for windows and blocks: one worker a core, where Jest would leave one core to itself.
  maxWorkers: '100%',
  reporters: ['default', '<rootDir>/scripts/jest-closing-line.mjs'],
};

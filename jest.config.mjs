// Jest runs what `tsc -b` built: the tests execute the very files that production runs, worker threads included.
export default {
  testMatch: [
    '<rootDir>/packages/*/dist/**/*.test.js',
    '<rootDir>/contracts/*/dist/**/*.test.js',
    '<rootDir>/test/dist/**/*.test.js',
  ],
  transform: {},
  testEnvironment: 'node',
  testTimeout: 30_000,
};

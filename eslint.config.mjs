// @ts-check
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Tests, and what serves them alone. */
const tests = ['**/*.test.ts', '**/src/{fixtures,testing,test-support}/**/*.ts', '{test,packages/*/test}/**/*.ts'];

const nodeGlobals =
  'process console performance setTimeout clearTimeout setInterval clearInterval AbortController AbortSignal Buffer URL fetch';

/** What is refused everywhere; a block that adds to `no-restricted-syntax` has to repeat it, for the last one wins. */
const refused = [
  {
    selector:
      'CallExpression[callee.property.name="catch"] > ArrowFunctionExpression.arguments:matches([body.type="Identifier"][body.name="undefined"], [body.raw="null"], [body.type="BlockStatement"][body.body.length=0])',
    message: 'An error that is swallowed here is missed elsewhere: handle it.',
  },
  {
    selector: 'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(only|skip|todo)$/]',
    message: 'A test that is switched off, or stands alone, is not committed.',
  },
  {
    selector: 'CallExpression[callee.name=/^(xit|xtest|xdescribe|fit|fdescribe)$/]',
    message: 'A test that is switched off, or stands alone, is not committed.',
  },
];

const wallClock = [
  'MemberExpression[object.name="Date"][property.name="now"]',
  'NewExpression[callee.name="Date"][arguments.length=0]',
].map((selector) => ({ selector, message: 'The time comes from the clock that is handed in (clock.ts).' }));

const assertions = [
  {
    // Of an index that a loop keeps in bounds, or a row that must be there, `a[i]!` and `count.get()!` are the plain form.
    selector:
      'TSNonNullExpression:not([expression.type="CallExpression"], [expression.type="MemberExpression"][expression.computed=true])',
    message: 'A variable or a field is narrowed; `!` is for an index or a lookup that cannot miss.',
  },
];

const readsEnvironment = { object: 'process', property: 'env', message: 'Settings are read in config.ts alone.' };
const endsProcess = { object: 'process', property: 'exit', message: 'Only main.ts ends the process.' };

export default defineConfig(
  globalIgnores(['**/dist/', '**/node_modules/', '**/.chronos/', 'vectors/']),
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    extends: [js.configs.recommended],
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': ['error', ...refused],
      'no-throw-literal': 'error',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: Object.fromEntries(nodeGlobals.split(' ').map((name) => [name, 'readonly'])) },
  },
  { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs' } },

  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-restricted-properties': ['error', readsEnvironment, endsProcess],
      'no-restricted-syntax': ['error', ...refused, ...assertions],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Ours above is finer.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // An error that was caught, kept and thrown again has no type.
      '@typescript-eslint/only-throw-error': 'off',
      // It takes `signal.aborted` for settled once asked, across every await.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Matters of taste, in which the code has its own.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  { files: ['packages/*/src/config.ts'], rules: { 'no-restricted-properties': ['error', endsProcess] } },
  { files: ['packages/*/src/main.ts'], rules: { 'no-restricted-properties': ['error', readsEnvironment] } },
  {
    files: ['packages/anchord/src/**/*.ts'],
    ignores: ['**/clock.ts'],
    rules: { 'no-restricted-syntax': ['error', ...refused, ...assertions, ...wallClock] },
  },
  {
    files: ['packages/shared/src/**/*.ts', 'packages/web/src/**/*.{ts,tsx}'],
    ignores: tests,
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ regex: '^node:', message: 'This runs in a browser too.' }] }],
    },
  },
  {
    files: ['packages/web/src/**/*.{ts,tsx}'],
    // Only its rules: its types tell configurations that ESLint's own do not take.
    plugins: { 'react-hooks': { rules: reactHooks.rules } },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error' },
  },
  {
    files: tests,
    rules: {
      'no-restricted-properties': 'off',
      'no-restricted-syntax': ['error', ...refused],
      // An answer's JSON is looked into as it comes: where that is wrong, the test fails and says so.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'no-loss-of-precision': 'off',
    },
  },
);

// The lint rules of the whole workspace; the table `imports` is the wall
// of the design: who may import whom, and who alone knows which package.
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const imports = {
  // project: what it may import
  data: [],
  protocol: [],
  optimizer: [],
  telemetry: [],
  model: ['data', 'protocol'],
  transport: ['protocol'],
  checkpoint: ['protocol'],
  cluster: ['protocol', 'optimizer', 'data'],
  'parameter-server': [
    'cluster',
    'data', // gives it to workers that have none
    'optimizer',
    'protocol',
    'transport',
    'checkpoint',
    'telemetry',
    'dashboard', // serves its page
  ],
  dashboard: ['telemetry', 'protocol'],
  grafana: ['telemetry'], // the names of the metrics
  worker: [
    'cluster',
    'data',
    'model',
    'protocol',
    'transport',
    'checkpoint', // a replay begins and ends at one
    'telemetry',
  ],
  muster: [
    'protocol',
    'transport',
    'data',
    'model',
    'telemetry',
    'checkpoint',
    'dashboard',
  ],
  examples: ['muster', 'data', 'model'],
  test: [
    'cluster',
    'optimizer',
    'protocol',
    'data',
    'model',
    'transport',
    'checkpoint',
    'telemetry',
    'dashboard',
    'grafana',
  ],
};

/** Packages that one project alone may import. */
const owners = {
  ws: ['transport', 'test'],
  msgpackr: ['protocol'],
  'prom-client': ['telemetry'],
  '@grafana/grafana-foundation-sdk': ['grafana'],
  // transport: its specs make certificates of their own
  '@peculiar/x509': ['muster', 'transport'],
  '@tensorflow/*': ['model', 'examples', 'test'],
};

const constraints = Object.entries(imports).map(([project, allowed]) => ({
  sourceTag: `project:${project}`,
  onlyDependOnLibsWithTags: allowed.map((name) => `project:${name}`),
  bannedExternalImports: Object.entries(owners)
    .filter(([, projects]) => !projects.includes(project))
    .map(([name]) => name),
}));

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/generated/**',
      'libs/*/assembly/**',
      '**/node_modules/**',
      'runs/**',
      '.nx/**',
      'coverage/**',
    ],
  },
  ...tseslint.configs.strictTypeChecked.map((config) => ({
    ...config,
    files: ['**/*.ts'],
  })),
  {
    files: ['**/*.ts'],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vitest.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allow: [],
          depConstraints: constraints,
          checkDynamicDependenciesExceptions: ['.*'],
        },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      // a default counts: its value is of type never, or the case is 'anything else'
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true }],
    },
  },
  {
    files: ['libs/cluster/src/**/*.ts', 'libs/optimizer/src/**/*.ts'],
    ignores: [
      '**/*.spec.ts',
      // loads the addon: a door of its own to what is not pure
      'libs/optimizer/src/kernels/native-kernels.ts',
    ],
    rules: {
      'no-restricted-globals': [
        'error',
        'Date',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'performance',
        'process',
        'crypto',
      ],
      'no-restricted-imports': ['error', { patterns: ['node:*'] }],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random' },
      ],
    },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['apps/*/src/main.ts', 'apps/muster/examples/**', 'test/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
);

/** The arrows: api <- domain <- {ledger, sender, gateway, operator} <- cli. Each rule tells the offender what to do. */
const rooms = ['ledger', 'sender', 'gateway', 'operator'];

export default {
  forbidden: [
    {
      name: 'api-imports-nothing-of-ours',
      comment: 'api is the vocabulary: schemas and types. Move the logic to domain, or pass the value in.',
      severity: 'error',
      from: { path: '^controller/api/' },
      to: { path: '^controller/(?!api/)' },
    },
    {
      name: 'domain-imports-api-only',
      comment:
        'domain decides and touches nothing. What needs the outside becomes a port in domain/ports; cli passes the adapter in.',
      severity: 'error',
      from: { path: '^controller/domain/' },
      to: { path: '^controller/(?!api/|domain/)' },
    },
    {
      name: 'domain-does-no-io',
      comment: 'No files, sockets or processes in domain: read at the edge and pass the value in.',
      severity: 'error',
      from: { path: '^controller/domain/' },
      to: {
        path: '^(node:)?(fs|net|tls|http|https|child_process|dns|worker_threads|timers|perf_hooks)(/|$)',
      },
    },
    ...rooms.map((room) => ({
      name: `${room}-knows-no-other-room`,
      comment: `${room} gets ports, never another room: describe what it needs in domain/ports and let cli construct it.`,
      severity: 'error',
      from: { path: `^controller/${room}/` },
      to: { path: `^controller/(?!api/|domain/|${room}/)` },
    })),
    {
      name: 'sandbox-imports-api-only',
      comment: 'The sandbox plays the providers: sharing our code would make it agree with our mistakes.',
      severity: 'error',
      from: { path: '^controller/sandbox/' },
      to: { path: '^controller/(?!api/|sandbox/)' },
    },
    {
      name: 'product-never-imports-tests',
      comment: 'What a test needs and the product too belongs to the product.',
      severity: 'error',
      from: { path: '^controller/' },
      to: { path: '^test/' },
    },
    {
      name: 'routes-do-not-know-each-other',
      comment: 'One folder per way out. What two of them share goes to sender/.',
      severity: 'error',
      from: { path: '^controller/sender/routes/([^/]+)/' },
      to: { path: '^controller/sender/routes/', pathNot: '^controller/sender/routes/$1/' },
    },
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one file, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-dev-dependency-in-product',
      comment:
        'The image holds production dependencies only: move the package to dependencies or the code to test.',
      severity: 'error',
      from: { path: '^controller/', pathNot: '^controller/(bootstrap|cli/generate)/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
    {
      name: 'resolvable',
      comment: 'The import leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};

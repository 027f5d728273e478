/** What a chart would set: no played operator depends on it. */
export const playedSettings = {
  image: 'mailers',
  redisSecret: 'mailers-redis',
  ledgerPrefix: 'mailers',
  ledgerPorts: [6379],
};

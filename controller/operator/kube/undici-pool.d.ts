// undici's index loads its whole fetch, cache and websocket family: 8 MB that a pool of connections never touches.
declare module 'undici/lib/dispatcher/pool.js' {
  import type { Pool } from 'undici';
  const pool: typeof Pool;
  export = pool;
}

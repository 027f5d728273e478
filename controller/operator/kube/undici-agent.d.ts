// undici's index loads its whole fetch, cache and websocket family: 8 MB that a dispatcher never touches.
declare module 'undici/lib/dispatcher/agent.js' {
  import type { Agent } from 'undici';
  const agent: typeof Agent;
  export = agent;
}

import { LuaFactory } from 'wasmoon';

const factory = new LuaFactory();

/** Argo CD opens the libraries base and table, and a part of os. */
const NOT_IN_ARGO_CD =
  'string math utf8 coroutine io os package debug require dofile loadfile'.split(' ');

/**
 * Runs a script as Argo CD does, with the object in the global `obj`, and returns what the script returns. Each run has a Lua of its own,
 * without the libraries that Argo CD does not give to scripts.
 * @throws with Lua's words when the script fails.
 */
export async function runLua(script: string, object: object): Promise<unknown> {
  // Without proxies the object is a plain table, as it is in Argo CD.
  const lua = await factory.createEngine({ enableProxy: false, injectObjects: false });
  try {
    for (const name of NOT_IN_ARGO_CD) lua.global.set(name, undefined);
    lua.global.set('obj', structuredClone(object));
    return await lua.doString(script);
  } finally {
    lua.global.close();
  }
}

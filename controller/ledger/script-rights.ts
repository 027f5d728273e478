const CALL = /redis\.call\('([A-Z]+)'/g;
const WRITING = /^(SET|HSET|HDEL|HINCRBY|ZADD|ZREM|PEXPIRE|PERSIST|DEL|RENAME|XADD|XDEL|BITFIELD)/;

/**
 * Lua text that refuses a script of that text before it has changed anything, when the user may not run one of its commands: Redis ends a script
 * at the first call that it refuses, and what was written before stays. '' for a script that only reads. Before Redis 7 nobody can ask.
 */
export function rightsCheck(name: string, text: string): string {
  const commands = [...new Set([...text.matchAll(CALL)].map(([, command = '']) => command))];
  if (!commands.some((command) => WRITING.test(command))) return '';
  const quoted = commands.map((command) => `'${command}'`).join(', ');
  return `if redis.acl_check_cmd then
  for _, command in ipairs({ ${quoted} }) do
    if not redis.acl_check_cmd(command, KEYS[1], KEYS[1], KEYS[1], KEYS[1]) then
      return redis.error_reply('NOPERM ${name} needs the right to run ' .. command)
    end
  end
end
`;
}

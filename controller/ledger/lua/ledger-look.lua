-- Says which ledger this is and what time it is. Changes nothing.
-- KEYS  1 identity
-- Reply {now, id, replaced ids, schema, correction of the steady clock, schema that a migration comes from, witnesses, by how much it went
--       back in time}, '' where there is none
-- @include clock
local values = redis.call('HMGET', KEYS[1], 'id', 'replaces', 'schema', 'correctionMs', 'migratingFrom', 'witnesses', 'rewound')
local reply = { now_ms() }
for index = 1, 7 do reply[index + 1] = values[index] or '' end
return reply

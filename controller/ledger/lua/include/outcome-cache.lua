-- Outcomes that many settlements change: each chunk is read once, changed as a table of its bytes, and written once.
local chunks, chunk_order = {}, {}

local function set_cached(outcomes, step, row, name)
  local field = chunk_field(step, row)
  local id = outcomes .. ' ' .. field
  local cached = chunks[id]
  if not cached then
    cached = { key = outcomes, field = field, bytes = bytes_of(redis.call('HGET', outcomes, field)) }
    chunks[id] = cached
    chunk_order[#chunk_order + 1] = cached
  end
  set_byte(cached.bytes, row % CHUNK_ROWS, STATES[name])
end

local function write_cached()
  for _, cached in ipairs(chunk_order) do
    redis.call('HSET', cached.key, cached.field, string.char(unpack(cached.bytes)))
  end
end

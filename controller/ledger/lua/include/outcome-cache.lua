-- Outcomes that many settlements change: each chunk is read once, changed as a table of its bytes, and written once.
local chunks, chunk_order = {}, {}

local function cached_chunk(outcomes, step, row)
  local of_campaign, field = chunks[outcomes] or {}, chunk_field(step, row)
  chunks[outcomes] = of_campaign
  local cached = of_campaign[field]
  if not cached then
    cached = { key = outcomes, field = field, bytes = bytes_of(redis.call('HGET', outcomes, field)) }
    of_campaign[field] = cached
    chunk_order[#chunk_order + 1] = cached
  end
  return cached
end

local function set_cached(outcomes, step, row, name)
  set_byte(cached_chunk(outcomes, step, row).bytes, row % CHUNK_ROWS, STATES[name])
end

local function cached_state(outcomes, step, row)
  local byte = cached_chunk(outcomes, step, row).bytes[math.floor(row % CHUNK_ROWS / 2) + 1] or 0
  return row % 2 == 0 and math.floor(byte / 16) or byte % 16
end

local function write_cached()
  for _, cached in ipairs(chunk_order) do
    redis.call('HSET', cached.key, cached.field, string.char(unpack(cached.bytes)))
  end
end

-- The first `count` values of a text that joins them by tabs, the last with the tabs that are left; nothing of a text that has fewer.
-- One match: a loop that looks for tabs takes four times as long.
local PATTERNS = {}
local function values_of(text, count)
  PATTERNS[count] = PATTERNS[count] or '^' .. ('([^\t]*)\t'):rep(count - 1) .. '(.*)$'
  return text:match(PATTERNS[count])
end

-- A value and the one that may follow it after a tab, '' when none does.
local function with_optional(text)
  local value, following = values_of(text, 2)
  return value or text, following or ''
end

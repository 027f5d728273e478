-- Health of every kind of mailers.io, by the rules of kstatus, which the operator's conditions follow:
-- Stalled = a person must act, Reconciling or no Ready yet = wait, Ready = well. One rule more: an object that the operator
-- has not looked at yet is Progressing; kstatus would take it for finished.
if obj.metadata.deletionTimestamp ~= nil then
  return { status = "Progressing", message = "Is being deleted" }
end

local status = obj.status or {}
if status.observedGeneration == nil and status.conditions == nil then
  return { status = "Progressing", message = "Waiting for the operator to look at it" }
end
if status.observedGeneration ~= nil and obj.metadata.generation ~= nil and status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "Waiting for the operator to look at the last change" }
end

for _, condition in ipairs(status.conditions or {}) do
  if condition.status == "True" and condition.type == "Stalled" then
    return { status = "Degraded", message = condition.message }
  end
  if condition.status == "True" and condition.type == "Reconciling" then
    return { status = "Progressing", message = condition.message }
  end
end

local ready = nil
for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Ready" then
    ready = condition
  end
end
if ready == nil then
  return { status = "Progressing", message = "Waiting for the operator to say that it is ready" }
end
if ready.status ~= "True" then
  return { status = "Progressing", message = ready.message }
end
if obj.spec ~= nil and obj.spec.suspend == true then
  return { status = "Suspended", message = ready.message }
end
return { status = "Healthy", message = ready.message }

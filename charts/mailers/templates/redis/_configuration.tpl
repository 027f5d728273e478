{{- define "mailers.redisConfiguration" -}}
bind * -::*
port 6379
dir /data
# What was counted and suppressed must outlive a restart.
appendonly yes
appendfsync {{ .Values.redis.appendFsync }}
# The append-only file is the only copy that is needed.
save ""
# A quota that was evicted would be a quota that was never used.
maxmemory-policy noeviction
{{- with .Values.redis.maxMemory }}
maxmemory {{ . }}
{{- end }}
tcp-keepalive 60
{{- end -}}

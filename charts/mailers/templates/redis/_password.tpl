{{/* The given password, else the one of the last release, else a new one. */}}
{{- define "mailers.redisPassword" -}}
{{- if .Values.redis.auth.password -}}
{{- .Values.redis.auth.password -}}
{{- else -}}
{{- $last := lookup "v1" "Secret" .Release.Namespace (include "mailers.redis" .) | default dict -}}
{{- $data := get $last "data" | default dict -}}
{{- get $data "password" | b64dec | default (randAlphaNum 32) -}}
{{- end -}}
{{- end -}}

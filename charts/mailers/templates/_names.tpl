{{/* What the names of all objects begin with: the release's name, with the chart's when that is not in it. */}}
{{- define "mailers.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "mailers.operator" -}}{{ include "mailers.fullname" . }}-operator{{- end -}}
{{- define "mailers.redis" -}}{{ include "mailers.fullname" . }}-redis{{- end -}}

{{- define "mailers.serviceAccount" -}}
{{- default (include "mailers.operator" .) .Values.operator.serviceAccount.name -}}
{{- end -}}

{{/* Name of the Secret with the key url: the same in every namespace. */}}
{{- define "mailers.redisSecret" -}}
{{- if .Values.redis.enabled -}}
{{- default (include "mailers.redis" .) .Values.redis.auth.existingSecret -}}
{{- else -}}
{{- required "redis.existingSecret: name a Secret whose key `url` is the URL of your Redis, or set redis.enabled=true" .Values.redis.existingSecret -}}
{{- end -}}
{{- end -}}

{{/* An image from repository, tag and digest; the second of the list is the tag of last resort. */}}
{{- define "mailers.image" -}}
{{- $image := index . 0 -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository (default (index . 1) $image.tag) -}}
{{- end -}}
{{- end -}}

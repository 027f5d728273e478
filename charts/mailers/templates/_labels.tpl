{{/* Labels of every object: include "mailers.labels" (list . "operator"). */}}
{{- define "mailers.labels" -}}
{{- $root := index . 0 -}}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{ include "mailers.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: mailers
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What pods are selected by; never changes within a release. */}}
{{- define "mailers.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ default $root.Chart.Name $root.Values.nameOverride }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* Labels of pods: part-of is how NetworkPolicies know who belongs to us, senders included. */}}
{{- define "mailers.podLabels" -}}
{{ include "mailers.selector" . }}
app.kubernetes.io/part-of: mailers
{{- end -}}

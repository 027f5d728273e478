{{/*
What the operator may do in a namespace that it watches. Each rule says why; nothing else is needed, and a test lists what the
account may do on a real API server.
*/}}
{{- define "mailers.operatorRules" -}}
# Desired state. Never written: the spec belongs to its author.
- apiGroups: [mailers.io]
  resources: [mailboxes, emailserviceproviders, sendingpools, suppressionlists, templates, campaigns]
  verbs: [get, list, watch]
# What happened, by server-side apply.
- apiGroups: [mailers.io]
  resources: [mailboxes/status, emailserviceproviders/status, sendingpools/status, suppressionlists/status, templates/status, campaigns/status]
  verbs: [patch]
# To be named as the owner of what is made for a resource, where the cluster enforces that right.
- apiGroups: [mailers.io]
  resources: [mailboxes/finalizers, emailserviceproviders/finalizers, sendingpools/finalizers, suppressionlists/finalizers, templates/finalizers, campaigns/finalizers]
  verbs: [update]
# What is made for a SendingPool: sender pods and what surrounds them.
- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [serviceaccounts]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, list, watch, create, patch, delete]
# What is made for a Campaign whose audience is in a Secret: a Job that reads it, since the operator must not.
- apiGroups: [batch]
  resources: [jobs]
  verbs: [get, list, watch, create, patch, delete]
# Audiences and suppression entries that resources name.
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, watch]
{{- if .Values.operator.watchSecrets }}
# Only metadata is asked for: whether a Secret exists, and when it changed. There is no get.
- apiGroups: [""]
  resources: [secrets]
  verbs: [list, watch]
{{- end }}
# What happened, for kubectl describe.
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}

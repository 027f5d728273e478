/** The user that the image is made for. */
const NOBODY = 65532;

/** Pod security standard "restricted" for a pod. */
export const POD_SECURITY = {
  runAsNonRoot: true,
  runAsUser: NOBODY,
  runAsGroup: NOBODY,
  fsGroup: NOBODY,
  seccompProfile: { type: 'RuntimeDefault' },
} as const;

/** Pod security standard "restricted" for a container, with a root that cannot be written. */
export const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
} as const;

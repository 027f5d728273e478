// Generated from controller/api/policy/policy.yaml by `npm run generate`. Do not edit.

/** Highest `quota.recipientsPerDay` that a Mailbox of each provider may declare, and who says so. */
export const MAILBOX_CAP_LIMITS = {
  Gmail: { recipientsPerDay: 500, source: 'Gmail sending limits, support.google.com/mail/answer/22839' },
  GoogleWorkspace: { recipientsPerDay: 2000, source: 'Google Workspace sending limits, support.google.com/a/answer/166852' },
  GoogleWorkspaceTrial: { recipientsPerDay: 500, source: 'Google Workspace trial limits, support.google.com/a/answer/166852' },
  Microsoft365: { recipientsPerDay: 10000, source: 'Exchange Online limits, learn.microsoft.com/office365/servicedescriptions' },
} as const;

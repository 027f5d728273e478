/** What a Dovecot of a test is told. */
export interface DovecotConfiguration {
  readonly dir: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly owner: { readonly uid: number; readonly gid: number };
  readonly password: string;
  readonly sent: { readonly folder: string; readonly isSpecialUse: boolean };
}

/** dovecot.conf of Dovecot 2.3 (Debian 12): one namespace, one password for all users, nothing outside the directory. */
export function dovecotConfiguration({
  dir,
  port,
  user,
  owner,
  password,
  sent,
}: DovecotConfiguration): string {
  // Without root every process runs as the one who started it, and nothing can be locked away.
  const unprivileged =
    user === undefined
      ? ''
      : `
default_internal_user = ${user}
default_login_user = ${user}
service imap-login {
  chroot =
}
service anvil {
  chroot =
}`;
  return `
protocols = imap
listen = 127.0.0.1
base_dir = ${dir}/run
state_dir = ${dir}/state
log_path = /dev/stderr
info_log_path = /dev/stderr
ssl = required
ssl_cert = <${dir}/certificate.pem
ssl_key = <${dir}/key.pem
first_valid_uid = 1
mail_location = maildir:~/Maildir
${unprivileged}
passdb {
  driver = static
  args = password=${password}
}
userdb {
  driver = static
  args = uid=${owner.uid} gid=${owner.gid} home=${dir}/mail/%u
}
service imap-login {
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = ${port}
    ssl = yes
  }
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox "${sent.folder}" {
    auto = create
    ${sent.isSpecialUse ? 'special_use = \\Sent' : ''}
  }
  mailbox Trash {
    auto = create
    special_use = \\Trash
  }
}
`;
}

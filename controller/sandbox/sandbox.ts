import type { SandboxConfig, SandboxConfigInput } from '../api/sandbox-config.ts';
import { sandboxConfigSchema } from '../api/sandbox-config.ts';
import { relayAccounts, submissionAccounts } from './account.ts';
import type { TlsIdentity } from './certificate.ts';
import { createTlsIdentity } from './certificate.ts';
import { carryOut } from './control-action.ts';
import { ControlServer } from './control-server.ts';
import { FaultSwitch } from './fault-switch.ts';
import { googlePersonality } from './google-personality.ts';
import { MessageStore } from './message-store.ts';
import type { SmtpAddress } from './provider-twin.ts';
import { ProviderTwin } from './provider-twin.ts';
import { RecipientScript } from './recipient-script.ts';
import { relayPersonality } from './relay-personality.ts';
import type { WireLogReader } from './wire-log-file.ts';
import { WireLog } from './wire-log-file.ts';
import { WireSummary } from './wire-summary.ts';

export interface SandboxOptions {
  /** File the wire log is appended to. Default: memory only. */
  readonly wireLogFile?: string;
  /** The clock of limits and of the wire log, in milliseconds since the epoch. Default: the machine's. */
  readonly now?: () => number;
  /** Key and certificate of an earlier sandbox, so that its clients go on trusting this one. Default: made anew. */
  readonly identity?: TlsIdentity;
}

interface SandboxAddresses {
  readonly submission: SmtpAddress;
  readonly relay: SmtpAddress;
  /** Base URL of the HTTP control, without a slash at the end. */
  readonly http: string;
}

export interface Sandbox {
  readonly addresses: SandboxAddresses;
  readonly wireLog: WireLogReader;
  /** PEM of the certificate that clients have to trust. */
  readonly caCertificate: string;
  /** Key and certificate, for a sandbox that takes the place of this one. */
  readonly identity: TlsIdentity;
  /** Cuts every connection, records what was under way and frees the ports. Can be called again. */
  stop(): Promise<void>;
}

/**
 * Starts provider twins: a submission service that behaves like Google's, and an ESP relay.
 * Throws a ZodError for a bad configuration, and the system's error for a port or file that cannot be had.
 */
export async function startSandbox(
  input: SandboxConfigInput,
  options: SandboxOptions = {},
): Promise<Sandbox> {
  const config = sandboxConfigSchema.parse(input);
  const identity = options.identity ?? (await createTlsIdentity(config.certificateHosts, Date.now()));
  const wireLog = new WireLog(options.wireLogFile);
  const summary = new WireSummary();
  wireLog.onRecord((record) => summary.add(record));
  const shared = {
    script: new RecipientScript(config.recipients, config.seed),
    faults: new FaultSwitch(),
    messages: new MessageStore(config.keepMessages ? config.keptMessagesMax : 0),
    now: options.now ?? Date.now,
    append: (record: Parameters<WireLog['append']>[0]) => wireLog.append(record),
  };
  const submission = new ProviderTwin(
    { ...shared, personality: googlePersonality, accounts: submissionAccounts(config) },
    identity,
  );
  const relay = new ProviderTwin(
    { ...shared, personality: relayPersonality, accounts: relayAccounts(config) },
    identity,
  );
  const control = new ControlServer({
    wireLog,
    summary,
    messages: shared.messages,
    caCertificate: identity.certificate,
    control: (request) => carryOut(request, [submission, relay], shared.faults),
  });
  const parts = [submission, relay, control];
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= stopAll(parts, () => wireLog.close()));
  try {
    const addresses = await listen(config, submission, relay, control);
    return { addresses, wireLog, caCertificate: identity.certificate, identity, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The wire log is closed last: what stops adds lines to it. */
async function stopAll(parts: readonly { stop(): Promise<void> }[], close: () => void): Promise<void> {
  await Promise.all(parts.map((part) => part.stop()));
  close();
}

/** Takes the ports, one after the other. */
async function listen(
  { host, httpHost, ports }: SandboxConfig,
  submission: ProviderTwin,
  relay: ProviderTwin,
  control: ControlServer,
): Promise<SandboxAddresses> {
  return {
    submission: await submission.listen(host, ports.submissionStartTls, ports.submissionTls),
    relay: await relay.listen(host, ports.relayStartTls, ports.relayTls),
    http: `http://${httpHost}:${await control.start(httpHost, ports.http)}`,
  };
}

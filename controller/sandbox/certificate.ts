import { KeyObject, X509Certificate, webcrypto } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { Integer, OctetString, Utf8String } from 'asn1js';
import { AttributeTypeAndValue, Certificate, Extension, GeneralName, GeneralNames } from 'pkijs';

/** A private key and its self-signed certificate, both PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly certificate: string;
}

const COMMON_NAME = '2.5.4.3';
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const DNS_NAME = 2;
const IP_ADDRESS = 7;
const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

/**
 * Makes a P-256 key and a certificate signed by itself, good for one year and for the given host names and IPv4
 * addresses. The certificate is its own authority: clients verify it by trusting it.
 */
export async function createTlsIdentity(hosts: readonly string[], nowMs: number): Promise<TlsIdentity> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const certificate = new Certificate();
  certificate.version = 2;
  certificate.serialNumber = new Integer({ value: nowMs });
  const name = new AttributeTypeAndValue({
    type: COMMON_NAME,
    value: new Utf8String({ value: 'mailers sandbox' }),
  });
  certificate.issuer.typesAndValues.push(name);
  certificate.subject.typesAndValues.push(name);
  // An hour back, for clients whose clock is a little behind.
  certificate.notBefore.value = new Date(nowMs - HOUR_MS);
  certificate.notAfter.value = new Date(nowMs + YEAR_MS);
  certificate.extensions = [alternativeNames(hosts)];
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey);
  await certificate.sign(keys.privateKey, 'SHA-256');
  return {
    key: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }),
    certificate: new X509Certificate(Buffer.from(certificate.toSchema(true).toBER(false))).toString(),
  };
}

function alternativeNames(hosts: readonly string[]): Extension {
  const names = new GeneralNames({ names: hosts.map(generalName) });
  return new Extension({
    extnID: SUBJECT_ALTERNATIVE_NAME,
    critical: false,
    extnValue: names.toSchema().toBER(false),
  });
}

function generalName(host: string): GeneralName {
  if (!isIPv4(host)) return new GeneralName({ type: DNS_NAME, value: host });
  const octets = Uint8Array.from(host.split('.').map(Number));
  return new GeneralName({ type: IP_ADDRESS, value: new OctetString({ valueHex: octets.buffer }) });
}

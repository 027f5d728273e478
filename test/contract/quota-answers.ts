import type {
  QuotaLedger,
  ReserveAnswer,
  ReserveRequest,
} from '../../controller/domain/ports/quota-ledger.ts';

export type Granted = Extract<ReserveAnswer, { granted: true }>;
export type Denied = Extract<ReserveAnswer, { granted: false }>;

/** Reserves and insists that it is granted. */
export async function grant(quota: QuotaLedger, request: ReserveRequest): Promise<Granted> {
  const answer = await quota.reserve(request);
  if (!answer.granted) throw new Error(`denied although it should fit: ${JSON.stringify(answer)}`);
  return answer;
}

/** Reserves and insists that it is denied. */
export async function denial(quota: QuotaLedger, request: ReserveRequest): Promise<Denied> {
  const answer = await quota.reserve(request);
  if (answer.granted) throw new Error(`granted although it should not fit: ${JSON.stringify(answer)}`);
  return answer;
}

/** The time that a denial names; a denial without one is an error. */
export function retryTime(answer: Denied): number {
  if (answer.retryAtMs === undefined) throw new Error(`no time in ${JSON.stringify(answer)}`);
  return answer.retryAtMs;
}

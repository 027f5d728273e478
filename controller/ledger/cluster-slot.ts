/** Slots of a Redis Cluster. */
const SLOTS = 16_384;

/** The slot of a Redis Cluster that a key lies in, as the specification of Redis Cluster has it: CRC16 (XMODEM) of its hash tag. */
export function clusterSlot(key: string): number {
  const open = key.indexOf('{');
  const close = key.indexOf('}', open);
  const tag = open >= 0 && close > open + 1 ? key.slice(open + 1, close) : key;
  return Buffer.from(tag).reduce(crc16, 0) % SLOTS;
}

function crc16(before: number, byte: number): number {
  let crc = before ^ (byte << 8);
  for (let bit = 0; bit < 8; bit += 1) {
    crc = (crc & 0x80_00) === 0 ? crc << 1 : (crc << 1) ^ 0x10_21;
  }
  return crc & 0xff_ff;
}

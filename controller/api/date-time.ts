const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const TIME = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?(Z|[+-]([0-9]{2}):([0-9]{2}))$/i;

/** True for a day that exists, as YYYY-MM-DD: the format `date` of OpenAPI. */
export function isDate(value: string): boolean {
  const [, year, month, day] = DATE.exec(value)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

/** True for an RFC 3339 time with a zone: the format `date-time` of OpenAPI. */
export function isDateTime(value: string): boolean {
  const [date, time, ...rest] = value.split(/T/i);
  if (date === undefined || time === undefined || rest.length > 0 || !isDate(date)) return false;
  const [, hour, minute, second, , , zoneHour, zoneMinute] = TIME.exec(time) ?? [];
  return (
    isWithin(hour, 23) &&
    isWithin(minute, 59) &&
    isWithin(second, 59) &&
    isWithin(zoneHour ?? '0', 23) &&
    isWithin(zoneMinute ?? '0', 59)
  );
}

function isWithin(digits: string | undefined, highest: number): boolean {
  return digits !== undefined && Number(digits) <= highest;
}

function daysIn(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  if (month === 2) return isLeap ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

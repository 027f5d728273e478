import { z } from 'zod';
import { listSet, matching, text, withRules } from './field.ts';

export const WEEKDAYS = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const;

const timeOfDay = matching(
  text(5),
  /^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$/,
  'must be a time of day such as 09:30',
);

/** When mail may leave. Outside it messages wait with a time. */
export const sendingWindowSchema = withRules(
  z.strictObject({
    timeZone: matching(
      text(64, 1),
      /^[A-Za-z][-A-Za-z0-9_+/]*$/,
      'must be an IANA time zone such as Europe/Berlin',
    )
      .default('UTC')
      .describe('IANA time zone of the hours, e.g. Europe/Berlin. Daylight saving is followed. Default UTC.'),
    days: listSet(z.enum(WEEKDAYS), 7)
      .min(1)
      .default(['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'])
      .describe('Days on which mail may leave. Default Monday to Friday.'),
    startTime: timeOfDay.default('09:00').describe('First minute of the window, local time. Default 09:00.'),
    endTime: timeOfDay
      .default('17:00')
      .describe(
        'End of the window, local time, not included; 24:00 is midnight. Default 17:00. Must be after startTime.',
      ),
    spread: z
      .enum(['Even', 'None'])
      .default('Even')
      .describe(
        'Even: what the cap allows until the window closes is sent at an even pace up to its end, instead of in a burst at its start; a campaign with fewer messages goes at the same pace. None: as fast as pacing allows. Default Even.',
      ),
  }),
  {
    rule: 'self.startTime < self.endTime',
    message: 'must be after startTime',
    fieldPath: '.endTime',
  },
);

export type SendingWindow = z.infer<typeof sendingWindowSchema>;

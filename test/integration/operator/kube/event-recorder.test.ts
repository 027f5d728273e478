import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  EVENT,
  EventRecorder,
  type EventObject,
} from '../../../../controller/operator/kube/event-recorder.ts';
import { ResourceClient } from '../../../../controller/operator/kube/resource-client.ts';
import type { Transport } from '../../../../controller/operator/kube/transport.ts';
import { widget } from '../../../unit/operator/kube/kube-object.ts';
import { keptLog, ManualClock, settle } from '../../../unit/operator/kube/manual-clock.ts';
import { ScriptedServer, transportTo } from './scripted-server.ts';

let server: ScriptedServer;
let transport: Transport;
let clock: ManualClock;
let recorder: EventRecorder;

beforeEach(async () => {
  server = await ScriptedServer.start();
  transport = transportTo(server.access);
  clock = new ManualClock();
  const events = new ResourceClient<EventObject>(transport, EVENT);
  const options = {
    controller: 'test.example/operator',
    instance: 'pod-1',
    clock,
    random: () => 0.5,
    log: keptLog(),
  };
  recorder = new EventRecorder({ events, ...options });
});
afterEach(async () => {
  await recorder.stop();
  await transport.close();
  await server.stop();
});

const say = (note = 'Make it bigger.', name = 'a') =>
  recorder.record(widget(name), { type: 'Warning', reason: 'TooSmall', action: 'Measure', note });

describe('an event recorder', () => {
  it('writes an event once and a count a minute later', async () => {
    say();
    say();
    const first = await server.next();
    expect(first.method).toBe('POST');
    expect(JSON.parse(first.body)).toMatchObject({
      note: 'Make it bigger.',
      regarding: { name: 'a', kind: 'Widget' },
    });
    first.answer(201, {});
    while (clock.nextTimerMs === undefined) await settle();
    expect(clock.nextTimerMs).toBe(60_000);
    say();
    await clock.advance(60_000);
    const second = await server.next();
    expect(second.method).toBe('PATCH');
    expect(JSON.parse(second.body)).toMatchObject({ series: { count: 3 } });
    second.answer(200, {});
  });

  it('gives an event up after three tries, counts it, and tells the next time as new', async () => {
    say();
    for (let tries = 1; tries <= 3; tries += 1) {
      (await server.next()).refuse(500, 'InternalError');
      if (tries < 3) while (clock.nextTimerMs === undefined) await settle();
      await clock.advance(tries * 1000);
    }
    while (recorder.dropped === 0) await settle();
    expect(recorder.dropped).toBe(1);
    say();
    const again = await server.next();
    expect(again.method).toBe('POST');
    again.answer(201, {});
  });

  it('sends one at a time and drops what is too much', async () => {
    for (let index = 0; index < 30; index += 1) say(`Reason ${index}`);
    expect(recorder.dropped).toBe(5);
    const first = await server.next();
    await settle();
    expect(server.requestCount).toBe(1);
    first.answer(201, {});
    for (let index = 1; index < 25; index += 1) (await server.next()).answer(201, {});
    await settle();
    expect(server.requestCount).toBe(25);
  });

  it('sends what is waiting before it ends, for five seconds at most', async () => {
    say('one');
    say('two');
    const first = await server.next();
    const stopped = recorder.stop();
    first.answer(201, {});
    await server.next();
    await clock.advance(5000);
    await stopped;
    say('three');
    await settle();
    expect(server.requestCount).toBe(2);
  });
});

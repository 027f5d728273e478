import type { Dispatcher } from 'undici';
import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from './answer.ts';
import { connectionError } from './connection-failure.ts';
import { ConnectionError, type ConnectionFailure, type Operation } from './api-error.ts';

export interface ExchangeOptions {
  operation: Operation;
  /** Receives the pieces of a successful answer as they come, instead of `Answer.body`. */
  onChunk?: ((chunk: Buffer) => void) | undefined;
  /** A successful answer says enough by its status: its body is let go as it comes. */
  isBodyUnwanted?: boolean;
}

/**
 * One HTTP request and its answer on undici's lowest layer, which costs a third of `request()` with its stream.
 * `answer` rejects with a ConnectionError, or with whatever `onChunk` threw.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<Answer>;
  readonly #options: ExchangeOptions;
  readonly #chunks: Buffer[] = [];
  #resolve: (answer: Answer) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #controller: Dispatcher.DispatchController | undefined;
  #isOver = false;
  #status = 0;
  #headers: IncomingHttpHeaders = {};

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Nobody waits for the answer any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Ends the exchange now, whether it waits for a connection, for headers or for more body. */
  abandon(failure: ConnectionFailure, cause?: unknown): void {
    this.fail(new ConnectionError(this.#options.operation, failure, cause));
  }

  /** Ends the exchange with `error`. */
  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reject(error);
    this.#controller?.abort(error instanceof Error ? error : new Error(String(error)));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isOver) controller.abort(new Error('The request was abandoned before it was sent.'));
    else this.#controller = controller;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver) return;
    const { onChunk, isBodyUnwanted } = this.#options;
    const isRefusal = this.#status >= 300;
    if (isRefusal || (onChunk === undefined && isBodyUnwanted !== true)) {
      this.#chunks.push(chunk);
      return;
    }
    try {
      onChunk?.(chunk);
    } catch (error) {
      this.fail(error);
    }
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const [first] = this.#chunks;
    const body = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.fail(connectionError(this.#options.operation, error));
  }
}

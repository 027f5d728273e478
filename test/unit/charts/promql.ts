import { parser } from '@prometheus-io/lezer-promql';

/** What an expression asks Prometheus for. */
export interface PromqlExpression {
  /** Where the grammar does not understand it: the text from there on. */
  readonly errors: readonly string[];
  /** Metrics by name. */
  readonly metrics: readonly string[];
}

/** Reads an expression with Prometheus' own grammar. Grafana's variables must have been replaced. */
export function readPromql(expression: string): PromqlExpression {
  const errors: string[] = [];
  const metrics: string[] = [];
  parser.parse(expression).iterate({
    enter: (node) => {
      if (node.type.isError) errors.push(expression.slice(node.from));
      const isName = node.name === 'Identifier' && node.matchContext(['VectorSelector']);
      if (isName) metrics.push(expression.slice(node.from, node.to));
    },
  });
  return { errors, metrics };
}

import { parser } from '@prometheus-io/lezer-promql';

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

/** A selector of series in an expression. */
export interface Selector {
  readonly metric: string;
  /** The matchers, by label. */
  readonly matchers: readonly { readonly label: string; readonly value: string }[];
  /** The functions around it, from the inside out. */
  readonly functions: readonly string[];
}

/** The labels that a metric's series have; undefined when there is no such metric. */
export type LabelsOf = (metric: string) => ReadonlySet<string> | undefined;

/** An expression with Grafana's own variables replaced, as Prometheus gets it. */
export function withoutVariables(expr: string, interval = '1m'): string {
  return expr.replaceAll('$__rate_interval', interval).replaceAll('$__range', interval);
}

/** A parsed PromQL expression. Throws when it is none. */
export class Expression {
  readonly text: string;
  readonly #root: SyntaxNode;

  constructor(text: string) {
    this.text = text;
    const tree = parser.parse(text);
    tree.iterate({
      enter: ({ type, from }) => {
        if (type.isError) throw new SyntaxError(`not PromQL at ${from}: ${text}`);
      },
    });
    const root = tree.topNode.firstChild;
    if (root === null) throw new SyntaxError(`an empty expression: ${text}`);
    this.#root = root;
  }

  get selectors(): Selector[] {
    return descendants(this.#root, 'VectorSelector').map((node) => ({
      metric: this.#text(child(node, 'Identifier')),
      matchers: descendants(node, 'UnquotedLabelMatcher').map((matcher) => ({
        label: this.#text(child(matcher, 'LabelName')),
        value: this.#string(child(matcher, 'StringLiteral')),
      })),
      functions: ancestors(node)
        .filter(({ name }) => name === 'FunctionCall')
        .map((call) => this.#text(child(call, 'FunctionIdentifier'))),
    }));
  }

  /** The labels of the result. Throws when an aggregation or a match names a label that its operand cannot have. */
  labels(labelsOf: LabelsOf): ReadonlySet<string> {
    return this.#labels(this.#root, labelsOf) ?? new Set();
  }

  /** `undefined` for a scalar. */
  #labels(node: SyntaxNode, labelsOf: LabelsOf): Set<string> | undefined {
    switch (node.name) {
      case 'NumberDurationLiteral':
      case 'StringLiteral':
        return undefined;
      case 'VectorSelector': {
        const metric = this.#text(child(node, 'Identifier'));
        const labels = labelsOf(metric);
        if (labels === undefined) throw new Error(`there is no metric ${metric}: ${this.text}`);
        return new Set(labels);
      }
      case 'AggregateExpr':
        return this.#aggregate(node, labelsOf);
      case 'FunctionCall':
        return this.#call(node, labelsOf);
      case 'BinaryExpr':
        return this.#binary(node, labelsOf);
      default: {
        // Parentheses, ranges, offsets, subqueries: what they hold comes first.
        if (node.firstChild === null) throw new Error(`unexpected ${node.name}: ${this.text}`);
        return this.#labels(node.firstChild, labelsOf);
      }
    }
  }

  #aggregate(node: SyntaxNode, labelsOf: LabelsOf): Set<string> {
    const operand = this.#arguments(node).at(-1);
    const from = (operand && this.#labels(operand, labelsOf)) ?? new Set();
    const modifier = node.getChild('AggregateModifier');
    // topk and its kin keep the labels.
    if (modifier === null) return this.#text(child(node, 'AggregateOp')).endsWith('k') ? from : new Set();
    const names = this.#names(child(modifier, 'GroupingLabels'), from);
    return modifier.getChild('By') === null ? new Set([...from].filter((name) => !names.has(name))) : names;
  }

  #call(node: SyntaxNode, labelsOf: LabelsOf): Set<string> | undefined {
    const name = this.#text(child(node, 'FunctionIdentifier'));
    const parameters = this.#arguments(node);
    const [first, second] = parameters.map((parameter) => this.#labels(parameter, labelsOf));
    switch (name) {
      case 'time':
        return undefined;
      case 'vector':
        return new Set();
      case 'absent':
        return new Set(descendants(node, 'LabelName').map((label) => this.#text(label)));
      case 'histogram_quantile':
        if (!second?.has('le')) throw new Error(`histogram_quantile without le: ${this.text}`);
        return new Set([...second].filter((label) => label !== 'le'));
      case 'label_replace':
        return new Set([...(first ?? []), this.#string(parameters[1] ?? node)]);
      default:
        return first;
    }
  }

  #binary(node: SyntaxNode, labelsOf: LabelsOf): Set<string> | undefined {
    const left = node.firstChild && this.#labels(node.firstChild, labelsOf);
    const right = node.lastChild && this.#labels(node.lastChild, labelsOf);
    const modifier = node.getChild('MatchingModifierClause');
    if (modifier !== null) {
      const names = child(modifier, 'GroupingLabels');
      this.#names(names, left ?? new Set());
      this.#names(names, right ?? new Set());
    }
    if (node.getChild('Or') !== null) return new Set([...(left ?? []), ...(right ?? [])]);
    return left ?? right ?? undefined;
  }

  #names(list: SyntaxNode, among: ReadonlySet<string>): Set<string> {
    const names = descendants(list, 'LabelName').map((label) => this.#text(label));
    const missing = names.filter((name) => !among.has(name));
    if (missing.length > 0) throw new Error(`no label ${missing.join(', ')} to group by: ${this.text}`);
    return new Set(names);
  }

  #arguments(node: SyntaxNode): SyntaxNode[] {
    return children(child(node, 'FunctionCallBody'));
  }

  #text(node: SyntaxNode): string {
    return this.text.slice(node.from, node.to);
  }

  #string(node: SyntaxNode): string {
    return this.#text(node).slice(1, -1);
  }
}

function child(node: SyntaxNode, name: string): SyntaxNode {
  const found = node.getChild(name);
  if (found === null) throw new Error(`a ${node.name} without ${name}`);
  return found;
}

function children(node: SyntaxNode): SyntaxNode[] {
  const all: SyntaxNode[] = [];
  for (let each = node.firstChild; each !== null; each = each.nextSibling) all.push(each);
  return all;
}

function descendants(node: SyntaxNode, name: string): SyntaxNode[] {
  return children(node)
    .flatMap((each) => (each.name === name ? [each, ...descendants(each, name)] : descendants(each, name)))
    .concat(node.name === name && node.parent?.name === 'PromQL' ? [node] : []);
}

function ancestors(node: SyntaxNode): SyntaxNode[] {
  const all: SyntaxNode[] = [];
  for (let each = node.parent; each !== null; each = each.parent) all.push(each);
  return all;
}

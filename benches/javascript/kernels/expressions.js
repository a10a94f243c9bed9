// A calculator: tokens, a recursive descent parser, and a walk over the tree.
const input = Array.from({ length: 60 }, (_, i) => `(${i} + x * ${i + 1}) / (y - ${i} % 7 + 9) - -${i}`);

function tokens(text) {
  const found = [];
  const pattern = /\s*(?:(\d+)|(\w+)|(.))/y;
  while (pattern.lastIndex < text.length) {
    const [, number, name, other] = pattern.exec(text);
    found.push(number ? { kind: "number", value: +number } : name ? { kind: "name", name } : { kind: other });
  }
  return found;
}

class Parser {
  constructor(text) { this.tokens = tokens(text); this.at = 0; }
  peek() { return this.tokens[this.at]?.kind; }
  binary(operators, next) {
    let left = next();
    while (operators.includes(this.peek())) {
      const { kind } = this.tokens[this.at++];
      left = { kind: "binary", operator: kind, left, right: next() };
    }
    return left;
  }
  sum() { return this.binary("+-", () => this.product()); }
  product() { return this.binary("*/%", () => this.unary()); }
  unary() {
    if (this.peek() !== "-") return this.primary();
    this.at++;
    return { kind: "negative", operand: this.unary() };
  }
  primary() {
    const token = this.tokens[this.at++];
    if (token.kind !== "(") return token;
    const inner = this.sum();
    this.at++;
    return inner;
  }
}

function evaluate(node, scope) {
  switch (node.kind) {
    case "number": return node.value;
    case "name": return scope[node.name];
    case "negative": return -evaluate(node.operand, scope);
    default: {
      const left = evaluate(node.left, scope), right = evaluate(node.right, scope);
      switch (node.operator) {
        case "+": return left + right;
        case "-": return left - right;
        case "*": return left * right;
        case "/": return left / right;
        default: return left % right;
      }
    }
  }
}

export function run() {
  let sum = 0;
  for (const text of input) sum += evaluate(new Parser(text).sum(), { x: 3, y: 11 });
  return sum.toFixed(6);
}

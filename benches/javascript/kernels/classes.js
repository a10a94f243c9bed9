// Shapes: derived classes, getters, `super`, `instanceof`, polymorphic calls.
class Shape {
  constructor(name) { this.name = name; }
  get area() { return 0; }
  describe() { return `${this.name}: ${this.area.toFixed(1)}`; }
}
class Circle extends Shape {
  constructor(r) { super("circle"); this.r = r; }
  get area() { return Math.PI * this.r ** 2; }
}
class Rectangle extends Shape {
  constructor(w, h) { super("rectangle"); this.w = w; this.h = h; }
  get area() { return this.w * this.h; }
  describe() { return `${super.describe()} (${this.w} by ${this.h})`; }
}
class Square extends Rectangle {
  static made = 0;
  constructor(w) { super(w, w); Square.made = 1; }
}

export function run() {
  const shapes = [];
  for (let i = 0; i < 150; i++) shapes.push(new Circle(i), new Rectangle(i, 2), new Square(i));
  let squares = 0, text = 0;
  for (const shape of shapes) {
    text += shape.describe().length;
    if (shape instanceof Square) squares++;
  }
  return `${text} ${squares}`;
}

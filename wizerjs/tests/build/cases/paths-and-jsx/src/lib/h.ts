export function h(name: string, props: Record<string, unknown> | null, ...children: string[]): string {
  return `<${name}>${children.join('')}</${name}>`;
}

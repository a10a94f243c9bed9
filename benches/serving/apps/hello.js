// The least: a text that is the same for everybody.
export const type = "text/plain;charset=UTF-8";

export function respond() {
  return "Hello from a fresh engine!\n";
}

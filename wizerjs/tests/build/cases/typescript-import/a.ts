declare const never: string;
let a: number = 1;
throw new Error(`a is ${a as any}`);
export default {};

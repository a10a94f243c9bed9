export { default } from './a.ts';

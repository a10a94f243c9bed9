export { default } from './lib';

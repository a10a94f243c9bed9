import { x } from './x';

// one
import './x.js';

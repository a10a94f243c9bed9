import './lib/a.js';

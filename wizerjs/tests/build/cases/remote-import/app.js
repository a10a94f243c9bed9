import 'https://example.com/x.js';

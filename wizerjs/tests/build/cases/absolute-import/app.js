import '/etc/x.js';

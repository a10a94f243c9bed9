export default { fetch() {} };

const response = await fetch('http://example.com/');

export default { fetch() {} };
try {
  await fetch('http://example.com/');
} catch {}

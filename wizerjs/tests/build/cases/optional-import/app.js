const fs = await import('node:fs').catch(error => null);
export default { fetch() {} };

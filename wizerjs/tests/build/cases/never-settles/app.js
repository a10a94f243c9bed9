export default { fetch() {} };
await new Promise(() => {});

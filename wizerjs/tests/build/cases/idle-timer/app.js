setTimeout(() => console.log('late'), 1000);
export default { fetch() {} };

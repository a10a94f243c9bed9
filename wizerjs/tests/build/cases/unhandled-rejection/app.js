Promise.reject(new Error('nobody cares'));
export default { fetch() {} };

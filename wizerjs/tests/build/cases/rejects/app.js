await Promise.reject(new RangeError('too far'));

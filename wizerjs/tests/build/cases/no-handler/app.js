console.log('nothing to serve');

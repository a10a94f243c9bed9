if (typeof WebSocket !== "undefined") console.log("there are sockets");
const connect = (url) => new WebSocket(url);
globalThis.connect = connect;

import protobuf from 'protobufjs';

const { root } = protobuf.parse('syntax = "proto3"; message M { string name = 1; repeated int32 ids = 2; map<string, double> m = 3; }');
const M = root.lookupType('M');

export default {
  fetch() {
    const message = M.create({ name: 'ä', ids: [1, -2, 300], m: { pi: 3.5 } });
    const bytes = M.encode(message).finish();
    return Response.json([[...bytes], M.toObject(M.decode(bytes))]);
  },
};

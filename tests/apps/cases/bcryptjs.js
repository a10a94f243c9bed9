import bcrypt from 'bcryptjs';

export default {
  async fetch() {
    const hash = bcrypt.hashSync('secret', '$2b$04$abcdefghijklmnopqrstuu');
    return Response.json([hash, bcrypt.compareSync('secret', hash), await bcrypt.compare('other', hash), bcrypt.getRounds(hash)]);
  },
};

import { z } from 'zod';

const User = z.object({
  id: z.uuid(),
  email: z.email(),
  age: z.coerce.number().int().min(0).max(150).optional(),
  roles: z.array(z.enum(['admin', 'user'])).nonempty(),
  address: z.object({ street: z.string().trim().min(1), zip: z.string().regex(/^\d{5}$/) }).partial(),
  when: z.iso.datetime().transform(text => new Date(text).getTime()),
  kind: z.discriminatedUnion('type', [z.object({ type: z.literal('a'), n: z.number() }), z.object({ type: z.literal('b') })]),
});

const good = {
  id: '9cbd0536-5ffb-4744-8f15-a3971e4d7ee9', email: 'a@b.co', age: '7', roles: ['user'],
  address: { street: ' x ' }, when: '2020-01-01T00:00:00Z', kind: { type: 'a', n: 1 },
};

export default {
  fetch() {
    const bad = { ...good, email: 'no', age: 200, roles: [], kind: { type: 'c' } };
    return Response.json([User.parse(good), User.safeParse(bad).error.issues, z.toJSONSchema(z.object({ a: z.string() }))]);
  },
};

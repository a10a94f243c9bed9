// A form of nested objects, 40 of them, checked by `zod` without code generation.
import { config, z } from "zod";

config({ jitless: true });
const schema = z.array(
  z.object({
    id: z.number().int().positive(),
    email: z.string().regex(/^[^@ ]+@[^@ ]+$/),
    name: z.string().min(1).max(80).optional(),
    role: z.enum(["admin", "user", "guest"]),
    tags: z.array(z.string()).max(5),
    address: z.object({ city: z.string(), zip: z.string().length(5) }),
  }),
);
const good = Array.from({ length: 40 }, (_, i) => ({
  id: i + 1,
  email: `user${i}@example.com`,
  name: i % 2 ? `User ${i}` : undefined,
  role: ["admin", "user", "guest"][i % 3],
  tags: ["a", "b"],
  address: { city: "Berlin", zip: String(10000 + i) },
}));
const bad = good.map((user, i) => (i % 10 ? user : { ...user, email: "nobody", id: -1 }));

export function run() {
  const refused = schema.safeParse(bad);
  return JSON.stringify([schema.parse(good).length, refused.success, refused.error.issues.length]);
}

import { createSchema, createYoga } from 'graphql-yoga';

const yoga = createYoga({
  logging: false,
  schema: createSchema({
    typeDefs: 'type Query { greet(name: String = "you"): String! }',
    resolvers: { Query: { greet: (_, { name }) => `hello ${name}` } },
  }),
});

export default {
  async fetch() {
    const ask = async query => {
      const response = await yoga.fetch('http://x/graphql', {
        method: 'POST', body: JSON.stringify({ query }), headers: { 'content-type': 'application/json' },
      });
      return [response.status, await response.json()];
    };
    return Response.json([await ask('{ greet }'), await ask('{ greet(name: "ä") }'), await ask('{ none }')]);
  },
};

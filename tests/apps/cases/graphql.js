import { GraphQLInt, GraphQLList, GraphQLObjectType, GraphQLSchema, GraphQLString, buildSchema, graphql, printSchema } from 'graphql';

const built = buildSchema('type Query { hello(name: String!): String, items: [Item!]! } type Item { id: ID!, tags: [String] }');
const User = new GraphQLObjectType({ name: 'User', fields: { id: { type: GraphQLInt }, name: { type: GraphQLString } } });
const made = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: { users: { type: new GraphQLList(User), resolve: async () => [{ id: 1, name: 'a' }, { id: 2, name: 'b' }] } },
  }),
});

export default {
  async fetch() {
    const rootValue = { hello: ({ name }) => `hello ${name}`, items: [{ id: 1, tags: ['x', null] }] };
    return Response.json([
      await graphql({ schema: built, source: '{ hello(name: "w") items { id tags } }', rootValue }),
      await graphql({ schema: made, source: 'query Q { users { ...f } } fragment f on User { name }' }),
      await graphql({ schema: built, source: '{ nothing }' }),
      printSchema(made),
    ]);
  },
};

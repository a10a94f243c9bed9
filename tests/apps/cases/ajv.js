import Ajv from 'ajv';

const schema = {
  type: 'object',
  properties: { a: { type: 'integer', minimum: 1 }, b: { type: 'array', items: { type: 'string', pattern: '^x' } } },
  required: ['a'],
  additionalProperties: false,
};
const validate = new Ajv({ allErrors: true }).compile(schema);

export default {
  fetch() {
    const results = [{ a: 1 }, { a: 0, b: ['y', 1] }, { c: 1 }].map(data => [validate(data), validate.errors]);
    return Response.json(results);
  },
};

import { v4, v5, v7, validate, version } from 'uuid';

export default {
  fetch: () => Response.json([
    v5('a', v5.URL), validate('x'), version('9cbd0536-5ffb-4744-8f15-a3971e4d7ee9'), validate(v4()), version(v7()), v4() === v4(),
  ]),
};

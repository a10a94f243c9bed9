import OpenAI from 'openai';

export default {
  async fetch() {
    const seen = [];
    const openai = new OpenAI({
      apiKey: 'key',
      dangerouslyAllowBrowser: true,
      fetch: async (target, init) => {
        seen.push([String(target), init.method, JSON.parse(init.body)]);
        return Response.json({ choices: [{ message: { content: 'hello' } }] });
      },
    });
    const answer = await openai.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });
    return Response.json([seen, answer.choices[0].message.content]);
  },
};

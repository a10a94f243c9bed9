import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import OpenAI from 'openai';

export default {
  async fetch() {
    const client = new S3Client({ region: 'eu-west-1', credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret' } });
    const command = new GetObjectCommand({ Bucket: 'bucket', Key: 'a b/ä.txt' });
    const url = await getSignedUrl(client, command, { expiresIn: 60, signingDate: new Date('2020-01-01T00:00:00Z') });
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
    return Response.json([url, seen, answer.choices[0].message.content]);
  },
};

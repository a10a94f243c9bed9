import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

export default {
  async fetch() {
    const client = new S3Client({ region: 'eu-west-1', credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret' } });
    const command = new GetObjectCommand({ Bucket: 'bucket', Key: 'a b/ä.txt' });
    return new Response(await getSignedUrl(client, command, { expiresIn: 60, signingDate: new Date('2020-01-01T00:00:00Z') }));
  },
};

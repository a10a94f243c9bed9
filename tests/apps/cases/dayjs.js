import dayjs from 'dayjs';
import utc from 'dayjs/plugin/utc.js';

dayjs.extend(utc);

export default {
  fetch: () => Response.json([dayjs.utc('2020-01-31').add(1, 'month').format('YYYY-MM-DD'), dayjs.utc(0).format('dddd')]),
};

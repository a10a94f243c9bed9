import { addDays, differenceInDays, format, formatISO, parseISO } from 'date-fns';

export default {
  fetch: () => Response.json([
    format(new Date(2020, 1, 29, 13, 5), "EEEE, d MMMM yyyy 'at' HH:mm"),
    differenceInDays(parseISO('2020-03-01'), parseISO('2020-02-01')),
    formatISO(addDays(new Date(2020, 0, 31), 30), { representation: 'date' }),
  ]),
};

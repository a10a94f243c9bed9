export const subtle = undefined;
